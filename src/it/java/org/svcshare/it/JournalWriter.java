package org.svcshare.it;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.svcshare.journal.Durability;
import org.svcshare.journal.Journal;
import org.svcshare.journal.JournalSettings;
import org.svcshare.journal.PendingSnapshot;

/// A process that appends to a journal until it is killed, and says what was synced.
public final class JournalWriter {
    static final JournalSettings SETTINGS =
            new JournalSettings(64 * 1024, 100_000, Durability.FSYNC);
    private static final String SYNCED = "synced ";
    private static final int MANY = 5000;

    private JournalWriter() {}

    /// @param arguments the folder, and a seed
    public static void main(String[] arguments) throws Exception {
        var chance = new SplittableRandom(Long.parseLong(arguments[1]));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Journal journal = Journal.open(Path.of(arguments[0]), SETTINGS)) {
            PendingSnapshot pending = null;
            Thread writing = null;
            while (true) {
                int batch = 1 + chance.nextInt(40);
                for (int i = 0; i < batch; i++) {
                    journal.append(ByteBuffer.wrap(record(journal.lastIndex() + 1)));
                }
                journal.sync();
                out.println(SYNCED + journal.syncedIndex());
                if (pending != null && writing != null && !writing.isAlive()) {
                    journal.endSnapshot(pending);
                    pending = null;
                }
                if (pending == null && journal.lastIndex() - journal.snapshotIndex() > MANY) {
                    long upto = journal.syncedIndex() - chance.nextInt(100);
                    PendingSnapshot begun = journal.beginSnapshot(upto, summary(upto));
                    pending = begun;
                    writing = Thread.ofPlatform().start(() -> write(begun));
                }
            }
        }
    }

    /// The index that a whole line of its output tells, or `before` when it tells none.
    static long synced(String line, long before) {
        return line.startsWith(SYNCED) ? Long.parseLong(line.substring(SYNCED.length())) : before;
    }

    private static void write(PendingSnapshot pending) {
        try {
            pending.write();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static ByteBuffer summary(long upto) {
        return ByteBuffer.allocate(300_000).putLong(0, upto).putLong(299_000, ~upto);
    }

    /// The record of an index, for ever the same.
    static byte[] record(long index) {
        var chance = new SplittableRandom(index);
        byte[] record =
                new byte[chance.nextInt(50) == 0 ? chance.nextInt(20_000) : chance.nextInt(120)];
        chance.nextBytes(record);
        return record;
    }

    /// What is wrong with a journal that was written like this; null when nothing is.
    static @Nullable String wrong(Journal journal) throws IOException {
        long from = 1;
        var snapshot = journal.snapshot();
        if (snapshot.isPresent()) {
            from = snapshot.get().index() + 1;
            if (!snapshot.get().bytes().equals(summary(snapshot.get().index()))) {
                return "the snapshot of " + snapshot.get().index();
            }
        }
        long[] next = {from};
        var wrong = new StringBuilder();
        journal.replay(
                from,
                (index, payload) -> {
                    if (index != next[0]++ || !payload.equals(ByteBuffer.wrap(record(index)))) {
                        wrong.append("record ").append(index).append('\n');
                    }
                });
        if (next[0] != journal.lastIndex() + 1) {
            wrong.append("replayed up to ").append(next[0] - 1);
        }
        return wrong.isEmpty() ? null : wrong.toString();
    }
}
