package org.svcshare.proxy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.journal.RecordReader;
import org.svcshare.journal.SharedLog;

/// A group of nodes in one process whose log is a list, and whose leader is whom the test says.
final class MemoryGroup implements AutoCloseable {
    static final Duration LEASE = Duration.ofMillis(100);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<byte[]> records = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private long term;
    private @Nullable Node leader;
    private SharedLog.@Nullable Image image;
    private int doubts;

    MemoryGroup(int size) {
        for (int i = 0; i < size; i++) {
            nodes.add(new Node("n" + i));
        }
    }

    SharedLog node(int i) {
        return nodes.get(i);
    }

    /// @param i below 0: nobody
    void lead(int i) {
        synchronized (this) {
            term++;
            leader = i < 0 ? null : nodes.get(i);
        }
        changed();
    }

    /// What is appended next is in the log, and nobody is told so.
    synchronized void doubt(int appends) {
        doubts = appends;
    }

    synchronized long size() {
        return records.size();
    }

    synchronized Optional<SharedLog.Image> image() {
        return Optional.ofNullable(image);
    }

    private void changed() {
        nodes.forEach(node -> node.changed.run());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private final class Node implements SharedLog {
        private final String name;
        private volatile Runnable changed = () -> {};
        private volatile Answerer answerer = (_, answer) -> answer.accept(null);

        Node(String name) {
            this.name = name;
        }

        @Override
        public Standing standing() {
            synchronized (MemoryGroup.this) {
                return new Standing(
                        term,
                        equals(leader),
                        leader == null ? Optional.empty() : Optional.of(leader.name));
            }
        }

        @Override
        public void listen(Runnable told) {
            changed = told;
        }

        @Override
        public long end() {
            return size();
        }

        @Override
        public Optional<Image> image() {
            return MemoryGroup.this.image();
        }

        @Override
        public long read(long from, long mostBytes, RecordReader reader)
                throws java.io.IOException {
            List<byte[]> found;
            synchronized (MemoryGroup.this) {
                if (image != null && from <= image.upTo()) {
                    throw new ShortenedException(from);
                }
                found =
                        List.copyOf(
                                records.subList((int) Math.min(from - 1, size()), (int) size()));
            }
            long next = from;
            long left = mostBytes;
            for (byte[] record : found) {
                if (left <= 0 && next > from) {
                    break;
                }
                left -= record.length;
                reader.record(next, ByteBuffer.wrap(record));
                next++;
            }
            return next;
        }

        @Override
        public boolean append(long inTerm, byte[] record, Appended then) {
            thread.execute(() -> {
                long position = 0;
                boolean doubtful = false;
                synchronized (MemoryGroup.this) {
                    if (inTerm == term && equals(leader)) {
                        records.add(record);
                        position = records.size();
                        doubtful = doubts-- > 0;
                    }
                }
                if (position == 0 || doubtful) {
                    then.failed(!doubtful, "so the test wants it");
                } else {
                    then.at(position);
                }
                changed();
            });
            return true;
        }

        @Override
        public int mostRecordBytes() {
            return 4 << 20;
        }

        @Override
        public void shorten(long inTerm, long upTo, byte[] bytes) {
            synchronized (MemoryGroup.this) {
                if (inTerm == term) {
                    image = new Image(upTo, ByteBuffer.wrap(bytes));
                }
            }
        }

        @Override
        public boolean holds(long inTerm) {
            synchronized (MemoryGroup.this) {
                return inTerm == term && equals(leader);
            }
        }

        @Override
        public Duration lease() {
            return LEASE;
        }

        @Override
        public void ask(byte[] question, Duration limit, Consumer<Optional<ByteBuffer>> then) {
            Node asked;
            synchronized (MemoryGroup.this) {
                asked = leader;
            }
            var once = new AtomicBoolean();
            Consumer<byte @Nullable []> answer =
                    bytes -> {
                        if (!once.getAndSet(true)) {
                            then.accept(Optional.ofNullable(bytes).map(ByteBuffer::wrap));
                        }
                    };
            if (asked == null || asked.equals(this)) {
                answer.accept(null);
                return;
            }
            var _ =
                    thread.schedule(
                            () -> answer.accept(null), limit.toMillis(), TimeUnit.MILLISECONDS);
            thread.execute(() -> asked.answerer.asked(ByteBuffer.wrap(question), answer));
        }

        @Override
        public void answerWith(Answerer answers) {
            answerer = answers;
        }
    }
}
