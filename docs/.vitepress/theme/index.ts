// Without the web fonts of the full theme: a reader's own fonts load at once, and from nobody else.
import DefaultTheme from "vitepress/theme-without-fonts";
import "./lobster.css";

export default DefaultTheme;
