package org.svcshare.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One random life of a journal on a [SimDisk], beside what it has to remember.
final class JournalHistory {
    private final SplittableRandom chance;
    private final SimDisk disk;
    private final List<byte[]> records = new ArrayList<>();
    private final Map<Long, byte[]> snapshots = new HashMap<>();
    private final StringBuilder story = new StringBuilder();
    private final List<Integer> lengths;
    private final JournalSettings settings;

    /// Up to here a kill takes nothing, and up to there a power cut does not either.
    private long acknowledged;

    private long onDisk;
    private long snapshot;
    private int drawn;
    private @Nullable Journal journal;
    private @Nullable PendingSnapshot pending;
    private @Nullable SpareSegment spare;

    private JournalHistory(long seed) {
        chance = new SplittableRandom(seed);
        disk = new SimDisk(chance.split(), List.of(16, 64, 512).get(chance.nextInt(3)));
        disk.writeShort(chance.nextBoolean());
        int segment = List.of(256, 400, 1024, 4096).get(chance.nextInt(4));
        settings =
                new JournalSettings(
                        segment, 600, chance.nextInt(4) == 0 ? Durability.OS : Durability.FSYNC);
        // Few lengths, so that records of one life often fit where those of another lay.
        lengths = List.of(8, 8, 12, 8 + chance.nextInt(60), 8 + chance.nextInt(590));
    }

    /// @throws AssertionError with the story when something was lost or invented
    static void play(long seed) {
        var history = new JournalHistory(seed);
        try {
            int steps = 10 + history.chance.nextInt(60);
            for (int i = 0; i < steps; i++) {
                history.step();
            }
            history.powerCut();
            history.opened();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed %d, %s:%s%n%s".formatted(seed, history.settings, history.story, e), e);
        }
    }

    private void step() throws IOException {
        try {
            Journal open = opened();
            switch (chance.nextInt(26)) {
                case 0 -> {
                    say("kill");
                    disk.killed();
                    gone();
                }
                case 1 -> powerCut();
                case 2 -> {
                    say("close");
                    open.close();
                    onDisk = records.size();
                    acknowledged = onDisk;
                    gone();
                }
                case 3 -> disk.cutPowerAfter(chance.nextInt(40));
                case 4 -> {
                    say("full");
                    disk.fillUp(chance.nextInt(3000));
                }
                case 5 -> disk.makeRoom();
                case 6 -> {
                    if (chance.nextInt(4) == 0) {
                        disk.failForceAfter(chance.nextInt(6));
                    }
                }
                case 7, 8, 9, 10 -> snapshot(open);
                case 11, 12, 13, 14, 15 -> {
                    say("sync");
                    open.sync();
                    acknowledge(open);
                }
                case 16, 17 -> spare(open);
                default -> append(open);
            }
        } catch (SimDisk.PowerCut e) {
            powerCut();
        } catch (JournalFullException e) {
            say("(full)");
        } catch (JournalFailedException e) {
            say("(failed)");
            if (chance.nextBoolean() && journal != null) {
                try {
                    journal.close();
                } catch (SimDisk.PowerCut _) {
                    say("(power cut while closing)");
                }
            }
            // What an operator does: start it again, or pull the plug.
            if (chance.nextBoolean()) {
                disk.killed();
                gone();
            } else {
                powerCut();
            }
        }
    }

    private void append(Journal open) throws IOException {
        int count = 1 + chance.nextInt(6);
        for (int i = 0; i < count; i++) {
            byte[] record = new byte[lengths.get(chance.nextInt(lengths.size()))];
            ByteBuffer.wrap(record).putInt(++drawn);
            if (chance.nextBoolean()) {
                Arrays.fill(record, 4, record.length, (byte) drawn);
            }
            say("append " + record.length);
            long index = open.append(ByteBuffer.wrap(record));
            records.add(record);
            assertEquals(records.size(), index);
            rolled(open);
        }
    }

    /// A segment that was made proves what is before it.
    private void rolled(Journal open) {
        acknowledged = Math.max(acknowledged, open.syncedIndex());
        if (settings.durability() == Durability.FSYNC) {
            onDisk = acknowledged;
        }
    }

    private void acknowledge(Journal open) {
        assertEquals(open.lastIndex(), open.syncedIndex());
        assertEquals(records.size(), open.lastIndex());
        rolled(open);
    }

    private void snapshot(Journal open) throws IOException {
        PendingSnapshot begun = pending;
        if (begun == null) {
            long upto = open.snapshotIndex();
            upto += (long) (chance.nextDouble() * (open.syncedIndex() - upto + 1));
            if (upto < 1 || upto > open.syncedIndex()) {
                return;
            }
            byte[] bytes = summary(upto);
            say("snapshot " + upto);
            snapshots.put(upto, bytes);
            begun = open.beginSnapshot(upto, ByteBuffer.wrap(bytes));
            onDisk = Math.max(onDisk, upto);
            pending = begun;
        } else {
            pending = null;
            boolean wanted = chance.nextInt(8) > 0;
            boolean written = false;
            try {
                if (wanted) {
                    say("write");
                    begun.write();
                    written = true;
                    snapshot = begun.index();
                }
            } finally {
                say("end");
                assertEquals(written, open.endSnapshot(begun));
            }
        }
    }

    private void spare(Journal open) {
        SpareSegment begun = spare;
        if (begun == null) {
            spare = open.spare().orElse(null);
        } else {
            say("make ahead");
            spare = null;
            begun.make();
        }
    }

    private byte[] summary(long upto) {
        var text = new StringBuilder();
        for (byte[] record : records.subList(0, (int) upto)) {
            text.append(ByteBuffer.wrap(record).getInt()).append(' ');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void powerCut() {
        say("power cut");
        disk.powerWasCut();
        acknowledged = onDisk;
        gone();
    }

    private void gone() {
        journal = null;
        pending = null;
        spare = null;
    }

    private Journal opened() throws IOException {
        Journal open = journal;
        while (open == null) {
            try {
                if (chance.nextInt(8) == 0) {
                    disk.cutPowerAfter(chance.nextInt(12));
                } else if (chance.nextInt(8) == 0) {
                    disk.failForceAfter(0);
                }
                open = disk.journal(settings);
            } catch (SimDisk.PowerCut e) {
                powerCut();
            } catch (JournalFailedException e) {
                say("(open failed)");
                if (chance.nextBoolean()) {
                    disk.killed();
                } else {
                    powerCut();
                }
            }
        }
        if (journal == null) {
            disk.killed();
            disk.lock();
            remembered(open);
            journal = open;
        }
        return open;
    }

    /// Everything promised is there, in order, and nothing else.
    private void remembered(Journal open) throws IOException {
        long last = open.lastIndex();
        say("open " + open.snapshotIndex() + ".." + last);
        assertTrue(last >= acknowledged, "ends at " + last + ", acknowledged " + acknowledged);
        assertTrue(last <= records.size(), "ends at " + last + ", appended " + records.size());
        assertTrue(open.snapshotIndex() >= snapshot, "the snapshot is older than " + snapshot);
        snapshot = open.snapshotIndex();
        if (snapshot > 0) {
            ByteBuffer bytes = open.snapshot().orElseThrow().bytes();
            byte[] found = new byte[bytes.remaining()];
            bytes.get(found);
            assertArrayEquals(Objects.requireNonNull(snapshots.get(snapshot)), found);
        }
        long from = open.firstIndex();
        assertTrue(from <= snapshot + 1, "the log begins at " + from);
        long[] next = {from};
        open.replay(
                from,
                (index, payload) -> {
                    assertEquals(next[0]++, index);
                    byte[] found = new byte[payload.remaining()];
                    payload.get(found);
                    assertArrayEquals(records.get((int) index - 1), found);
                });
        assertEquals(last + 1, next[0]);
        records.subList((int) last, records.size()).clear();
        acknowledged = last;
        onDisk = last;
    }

    private void say(String what) {
        story.append('\n').append(what);
    }
}
