/**
 * DigitalOcean, as far as a provisioner needs it. Each call is sent at most once: whether it is sent again is decided by
 * whoever knows what it would do. Every call throws a `DropletApiError`, which tells how far the request got.
 *
 * Lists are whole: every page is read. A list by tag may lag some seconds behind a create or a delete.
 *
 * A firewall may name only tags that exist; a droplet's tags are made with it.
 */
export interface DropletApi {
  /** The droplets that carry a tag. */
  listDroplets(tag: string): Promise<Droplet[]>;
  /** One droplet; null when there is none (any more). */
  getDroplet(id: number): Promise<Droplet | null>;
  /** Asks for a droplet. The answer says that it was accepted, not that it runs. Not idempotent. */
  createDroplet(request: CreateDroplet): Promise<Droplet>;
  /** Deletes a droplet; one that is gone already is no error. */
  deleteDroplet(id: number): Promise<void>;
  /** Does something to a droplet. */
  dropletAction(id: number, action: DropletActionType): Promise<DropletAction>;
  /** How an action is going; null when there is none. */
  getAction(id: number): Promise<DropletAction | null>;
  /** All firewalls. */
  listFirewalls(): Promise<Firewall[]>;
  /** Makes a firewall. Names are unique: a second one of the same name is refused. */
  createFirewall(rules: FirewallRules): Promise<Firewall>;
  /** Replaces what a firewall does. */
  updateFirewall(id: string, rules: FirewallRules): Promise<Firewall>;
  /** Deletes a firewall; one that is gone already is no error. */
  deleteFirewall(id: string): Promise<void>;
  /** Makes a tag; one that exists is no error. */
  createTag(name: string): Promise<void>;
  /** Deletes a tag, which takes it off whatever carries it; one that is gone already is no error. */
  deleteTag(name: string): Promise<void>;
  /** The SSH keys that droplets can be made with. DigitalOcean answers this ten times a minute at most. */
  listSshKeys(): Promise<DropletSshKey[]>;
  /** What there is to choose from, with prices. */
  listSizes(): Promise<DropletSize[]>;
  /** Where. */
  listRegions(): Promise<DropletRegion[]>;
  /** Whose token this is. */
  getAccount(): Promise<DropletAccount>;
}

/** A droplet. */
export interface Droplet {
  /** DigitalOcean's id. */
  id: number;
  /** Its name, which is not unique. */
  name: string;
  /** `new` until it runs. */
  status: "new" | "active" | "off" | "archive";
  /** What it carries. */
  tags: string[];
  /** When it was made, as DigitalOcean says: ISO 8601. */
  createdAt: string;
  /** Its region, such as `fra1`. */
  region: string;
  /** Its size, such as `s-1vcpu-2gb`. */
  size: string;
  /** Its first public IPv4 address; null until it has one. */
  ipv4: string | null;
}

/** What a droplet is made of. */
export interface CreateDroplet {
  /** Becomes its host name. */
  name: string;
  /** Such as `fra1`. */
  region: string;
  /** Such as `s-1vcpu-2gb`. */
  size: string;
  /** Such as `debian-13-x64`. */
  image: string;
  /** cloud-config, at most 64 KiB. */
  userData: string;
  /** `^[a-zA-Z0-9_:-]+$`, at most 255 characters each. */
  tags: string[];
  /** Ids or fingerprints of keys that DigitalOcean has. */
  sshKeys: (number | string)[];
  /** The VPC; null for the region's default. */
  vpc: string | null;
  /** Whether it gets an IPv6 address. */
  ipv6: boolean;
  /** Whether DigitalOcean's agent for metrics is installed. */
  monitoring: boolean;
  /** Whether DigitalOcean backs it up, which it charges for. */
  backups: boolean;
}

/** What can be done to a droplet. */
export type DropletActionType = "power_on" | "power_off" | "shutdown" | "reboot";

/** Something that is done to a droplet. */
export interface DropletAction {
  /** DigitalOcean's id. */
  id: number;
  /** How it is going. */
  status: "in-progress" | "completed" | "errored";
}

/** What a firewall does: nothing comes in but what is named here, and everything may go out. */
export interface FirewallRules {
  /** Unique among the firewalls of the DigitalOcean account. */
  name: string;
  /** It stands before every droplet that carries one of these. */
  tags: string[];
  /** What may come in; an empty list is nothing at all. */
  inbound: FirewallInbound[];
}

/** What may come in through a firewall. */
export interface FirewallInbound {
  /** A TCP port. */
  port: number;
  /** From where: CIDRs. */
  from: string[];
}

/** A firewall. */
export interface Firewall extends FirewallRules {
  /** DigitalOcean's id. */
  id: string;
  /**
   * Whether it does what its rules say and no more. False when somebody gave it rules that {@link FirewallRules} has no
   * words for, or when it holds back what wants out: then writing it anew puts it right.
   */
  exact: boolean;
}

/** An SSH key that DigitalOcean has. */
export interface DropletSshKey {
  /** DigitalOcean's id. */
  id: number;
  /** Of the key. */
  fingerprint: string;
  /** What its owner calls it. */
  name: string;
}

/** A size of droplets. */
export interface DropletSize {
  /** Such as `s-1vcpu-2gb`. */
  slug: string;
  /** In MiB. */
  memoryMib: number;
  /** Virtual processors. */
  vcpus: number;
  /** In GiB. */
  diskGib: number;
  /** In US dollars. */
  priceMonthly: number;
  /** Regions that have it. */
  regions: string[];
  /** Whether it can be had. */
  available: boolean;
}

/** A region. */
export interface DropletRegion {
  /** Such as `fra1`. */
  slug: string;
  /** Sizes that it has now. */
  sizes: string[];
  /** Whether it takes new droplets. */
  available: boolean;
}

/** The DigitalOcean account behind a token. */
export interface DropletAccount {
  /** DigitalOcean's id of the token's team; of the user where there are no teams. */
  uuid: string;
  /** `active`, or why not. */
  status: string;
  /** The most droplets that it may have. */
  dropletLimit: number;
}
