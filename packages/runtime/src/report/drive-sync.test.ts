import { createFakeClock } from "@lobstercontrol/core/testing";
import { expect, it } from "vitest";
import type { Sync, Synced } from "../sync.ts";
import { driveSync } from "./drive-sync.ts";

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function open(result: (wanted: number) => Synced = (wanted) => ({ proven: wanted, nextInMs: null })) {
  const clock = createFakeClock();
  const asked: { wanted: number; force: boolean }[] = [];
  let atOnce = 0;
  const sync: Sync = {
    async sync({ wanted, force }) {
      expect(++atOnce).toBe(1);
      asked.push({ wanted, force });
      await settle();
      atOnce--;
      return result(wanted);
    },
  };
  let synced = 0;
  const drive = driveSync(sync, clock, () => synced++);
  return { drive, asked, clock, synced: () => synced };
}

it("brings what the control plane has, once", async () => {
  const { drive, asked, synced } = open();
  for (const wanted of [3, 3, 3]) drive.want(wanted);
  await settle();
  await settle();
  drive.want(3);
  await settle();
  expect(asked).toEqual([{ wanted: 3, force: false }]);
  expect([drive.proven(), synced()]).toEqual([3, 1]);
});

it("never does two at once, and ends with the newest", async () => {
  const { drive, asked } = open();
  drive.want(1);
  drive.want(2);
  drive.want(3);
  await expect.poll(() => drive.proven()).toBe(3);
  expect(asked.at(-1)).toEqual({ wanted: 3, force: false });
});

it("tries again when the sync says so, and not after a success", async () => {
  let tries = 0;
  const { drive, asked, clock } = open((wanted) =>
    ++tries < 3 ? { proven: 1, nextInMs: 30_000 } : { proven: wanted, nextInMs: null },
  );
  drive.want(2);
  for (let turn = 0; turn < 5; turn++) {
    await settle();
    await settle();
    clock.advance(30_000);
  }
  expect([asked.length, drive.proven(), clock.waiting()]).toEqual([3, 2, 0]);
});

it("resync forces it, whatever the gateway is believed to have", async () => {
  const { drive, asked } = open();
  drive.want(1);
  await drive.resync();
  expect(asked).toEqual([
    { wanted: 1, force: false },
    { wanted: 1, force: true },
  ]);
});

it("does nothing when it is over, or before anybody said what is wanted", async () => {
  const { drive, asked, clock } = open(() => ({ proven: 0, nextInMs: 1_000 }));
  expect(await drive.resync()).toMatchObject({ failed: true });
  expect(asked).toEqual([]);
  drive.want(1);
  await settle();
  await settle();
  drive.stop();
  clock.advance(60_000);
  await settle();
  expect(await drive.resync()).toMatchObject({ failed: true });
  expect([asked.length, clock.waiting()]).toEqual([1, 0]);
});
