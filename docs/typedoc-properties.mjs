/**
 * Every property of an exported interface or class says what it is. TypeDoc's own check would ask the same of each field
 * of an inline type, whose meaning stands beside it.
 */
import { Application, ReflectionKind } from "typedoc";

/** @param app {import("typedoc").Application} */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (
        property.parent?.kindOf(ReflectionKind.ClassOrInterface) &&
        !property.inheritedFrom &&
        !property.hasComment()
      )
        app.logger.validationWarning(
          `${property.getFriendlyFullName()} (Property) does not have any documentation`,
        );
    }
  });
}
