// What an app does that has the published packages and nothing else. Its one argument is where DigitalOcean is.
import { createDotsApi } from "@lobstercontrol/provisioner/dots";

const [baseUrl, token] = [process.argv[2], process.env.TOKEN];
const api = createDotsApi({ token, baseUrl });
const made = await api.createDroplet({
  name: "packed",
  region: "fra1",
  size: "s-1vcpu-2gb",
  image: "debian-13-x64",
  userData: "#cloud-config\n",
  tags: ["lobster:packed"],
  sshKeys: [],
  vpc: null,
  ipv6: false,
  monitoring: false,
  backups: false,
});
const listed = await api.listDroplets("lobster:packed");
const firewall = await api.createFirewall({ name: "packed", tags: ["lobster:packed"], inbound: [] });
const sizes = await api.listSizes();
console.log(JSON.stringify({ made, listed, firewall, sizes: sizes.length }));
