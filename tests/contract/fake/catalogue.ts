/** The sizes and regions of the fake. Prices are made up, as every example of them is. */
export const sizes = [
  { slug: "s-1vcpu-1gb", memory: 1024, vcpus: 1, disk: 25, price_monthly: 6 },
  { slug: "s-1vcpu-2gb", memory: 2048, vcpus: 1, disk: 50, price_monthly: 12 },
  { slug: "s-2vcpu-2gb", memory: 2048, vcpus: 2, disk: 60, price_monthly: 18 },
  { slug: "s-2vcpu-4gb", memory: 4096, vcpus: 2, disk: 80, price_monthly: 24 },
].map((size) => ({
  ...size,
  transfer: 1,
  price_hourly: size.price_monthly / 672,
  regions: ["fra1", "ams3", "nyc3"],
  available: true,
  description: "Basic",
}));

export const regions = [
  { slug: "fra1", name: "Frankfurt 1", available: true },
  { slug: "ams3", name: "Amsterdam 3", available: true },
  { slug: "nyc3", name: "New York 3", available: true },
  { slug: "sfo1", name: "San Francisco 1", available: false },
].map((region) => ({
  ...region,
  features: ["backups", "ipv6", "metadata", "install_agent"],
  sizes: region.available ? sizes.map(({ slug }) => slug) : [],
}));

export const images = ["debian-13-x64", "debian-12-x64", "ubuntu-24-04-x64"];
