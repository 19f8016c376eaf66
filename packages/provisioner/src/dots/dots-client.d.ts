/**
 * DigitalOcean's client, dots, as a writer of requests: it knows the paths, the parameters and the bodies.
 *
 * It neither sends nor reads. Its own way of sending repeats a POST up to three times, has no timeout and throws plain
 * objects; its way of reading breaks with each Kiota from 1.0.0-preview.103 on, after the droplet has been created. So what
 * it wrote is sent by `exchange.ts` and read by `answers.ts`.
 *
 * @param baseUrl without a slash at its end
 */
export function createDotsClient(baseUrl: string): DotsClient;

/** A request as dots writes it. */
export interface DotsInformation {
  httpMethod?: string;
  URL: string;
  /** The body in UTF-8. */
  content?: ArrayBuffer;
}

/** The part of dots that is used here. */
export interface DotsClient {
  account: Get & { keys: List };
  actions: { byAction_id(id: number): Get };
  droplets: List<{ tagName: string }> &
    Post<DotsDroplet> & {
      byDroplet_id(id: number): Get & Delete & { actions: Post<{ type: string }> };
    };
  firewalls: List & Post<DotsFirewall> & { byFirewall_id(id: string): Put<DotsFirewall> & Delete };
  regions: List;
  sizes: List;
  tags: Post<{ name: string }> & { byTag_id(name: string): Delete };
}

/** A droplet to be. */
export interface DotsDroplet {
  name: string;
  region: string;
  size: string;
  image: string;
  userData: string;
  tags: string[];
  /** dots says `string[]`, and writes numbers as well. */
  sshKeys: (number | string)[];
  vpcUuid?: string;
  ipv6: boolean;
  monitoring: boolean;
  backups: boolean;
}

/** A firewall to be. */
export interface DotsFirewall {
  name: string;
  tags: string[];
  inboundRules: { protocol: string; ports: string; sources: { addresses: string[] } }[];
  outboundRules: { protocol: string; ports: string; destinations: { addresses: string[] } }[];
}

interface Get {
  toGetRequestInformation(): DotsInformation;
}
interface List<Query = object> {
  toGetRequestInformation(configuration: {
    queryParameters: Query & { page: number; perPage: number };
  }): DotsInformation;
}
interface Post<Body> {
  toPostRequestInformation(body: Body): DotsInformation;
}
interface Put<Body> {
  toPutRequestInformation(body: Body): DotsInformation;
}
interface Delete {
  toDeleteRequestInformation(): DotsInformation;
}
