package org.svcshare.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.RecordReader;
import org.svcshare.journal.SharedLog;

/// The records that the group shares, in the log that has the lock table's operations, too: one
/// leader, one membership.
///
/// A thread of its own, which begins when somebody uses it, tells of changes and renews the lease.
final class GroupLog implements SharedLog {
    private static final Logger LOG = LoggerFactory.getLogger(GroupLog.class);
    private static final Duration LEAST_LEASE = Duration.ofSeconds(1);
    private static final int LEASE_ELECTIONS = 3;

    /// How soon a change of leader is noticed of which Ratis does not tell.
    private static final long LOOK_MS = 20;

    /// Who leads goes on proving it for so long after the log was used.
    private static final long USED_NANOS = 60_000_000_000L;

    private static final long SNAPSHOT_NANOS = 500_000_000;

    private final ClusterSettings settings;
    private final RaftNode node;
    private final TableMachine machine;
    private final RecordStore store;
    private final Duration length;
    private final Lease lease;
    private final Scribe scribe;
    private final AskLink link;
    private final Bell bell = new Bell(this);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread = Thread.ofVirtual().name("shared").unstarted(this::run);

    /// Answers what is brought to this node.
    private volatile Answerer answerer = (_, answer) -> answer.accept(null);

    private boolean begun;
    private volatile boolean closed;

    /// Whether there is something new to tell.
    private volatile boolean changed;

    private volatile long usedNanos;

    /// When the proof under way was begun; 0 while there is none.
    private volatile long provingNanos;

    // The log's thread.

    private Standing told = new Standing(-1, false, Optional.empty());
    private long snapshotNanos = System.nanoTime();

    /// @param peers where a node is, as the group has it now
    GroupLog(
            ClusterSettings settings,
            RaftNode node,
            TableMachine machine,
            RecordStore store,
            Function<String, Optional<ClusterPeer>> peers) {
        this.settings = settings;
        this.node = node;
        this.machine = machine;
        this.store = store;
        Duration elections = settings.electionTimeout().multipliedBy(LEASE_ELECTIONS);
        length = elections.compareTo(LEAST_LEASE) < 0 ? LEAST_LEASE : elections;
        lease = new Lease(length, System::nanoTime);
        usedNanos = lease.now() - USED_NANOS;
        scribe = new Scribe(node, lease);
        link = new AskLink(settings, peers);
    }

    // From any thread.

    @Override
    public Standing standing() {
        while (true) {
            long term = node.term();
            boolean leads = node.leads(term);
            Optional<String> leader = leads ? Optional.of(settings.self()) : node.leader();
            if (node.term() == term) {
                return new Standing(Math.max(0, term), leads, leader);
            }
        }
    }

    @Override
    public void listen(Runnable listener) {
        listeners.add(listener);
        begin();
    }

    @Override
    public long end() {
        return store.end();
    }

    @Override
    public Optional<Image> image() throws IOException {
        return store.image();
    }

    @Override
    public long read(long from, long mostBytes, RecordReader reader) throws IOException {
        return store.read(from, mostBytes, reader);
    }

    @Override
    public boolean append(long term, byte[] record, Appended then) {
        used();
        return scribe.append(term, record, then);
    }

    @Override
    public int mostRecordBytes() {
        return SharedEntry.MOST_RECORD_BYTES;
    }

    @Override
    public void shorten(long term, long upTo, byte[] image) {
        used();
        scribe.shorten(term, upTo, image);
    }

    @Override
    public boolean holds(long term) {
        used();
        return node.leads(term) && lease.holds(term);
    }

    @Override
    public Duration lease() {
        return length;
    }

    @Override
    public void ask(byte[] question, Duration limit, Consumer<Optional<ByteBuffer>> then) {
        if (question.length < 1 || question.length > SharedEntry.MOST_RECORD_BYTES) {
            throw new IllegalArgumentException("a question of " + question.length + " bytes");
        }
        begin();
        Optional<String> leader = node.leader().filter(id -> !id.equals(settings.self()));
        link.ask(leader, question, limit, then);
    }

    @Override
    public void answerWith(Answerer other) {
        answerer = other;
    }

    /// Who answers here.
    Answerer answerer() {
        return answerer;
    }

    /// This node's copy has grown, or begun anew.
    void grown() {
        changed = true;
        bell.signal();
    }

    /// Perhaps another one leads.
    void turned() {
        bell.signal();
    }

    private void used() {
        usedNanos = lease.now();
        begin();
    }

    private void begin() {
        if (begun || closed) {
            return;
        }
        synchronized (this) {
            if (!begun && !closed) {
                begun = true;
                thread.start();
            }
        }
    }

    /// Whoever waits for what becomes of something is told.
    void finish(Duration patience) throws InterruptedException {
        synchronized (this) {
            closed = true;
        }
        scribe.finish(patience);
        link.close();
        bell.signal();
        if (begun) {
            thread.join();
        }
    }

    // The log's thread.

    private void run() {
        try {
            while (!closed) {
                bell.await(LOOK_MS, TimeUnit.MILLISECONDS);
                look();
                link.sweep();
                prove();
                shortenLog();
            }
        } catch (InterruptedException _) {
            LOG.error("what tells of the shared records was interrupted");
        }
    }

    private void look() {
        Standing now = standing();
        if (changed || !now.equals(told)) {
            changed = false;
            told = now;
            for (Runnable listener : listeners) {
                try {
                    listener.run();
                } catch (RuntimeException e) {
                    LOG.error("news of the shared records were not taken", e);
                }
            }
        }
    }

    private void prove() {
        long now = lease.now();
        long term = told.term();
        long under = provingNanos;
        boolean wanted =
                told.leads()
                        && now - usedNanos < USED_NANOS
                        && lease.isOld(term)
                        && (under == 0 || now - under > length.toNanos());
        if (!wanted) {
            return;
        }
        provingNanos = now;
        var _ =
                node.catchUp()
                        .whenComplete((_, failure) -> {
                            // Who leads in the same term as before led all the time, so nobody
                            // else was asked.
                            if (failure == null && node.leads(term)) {
                                lease.proven(term, now);
                            }
                            if (provingNanos == now) {
                                provingNanos = 0;
                            }
                        });
    }

    private void shortenLog() {
        long now = System.nanoTime();
        if (now - snapshotNanos > SNAPSHOT_NANOS && machine.wantsSnapshot()) {
            snapshotNanos = now;
            node.snapshot();
        }
    }
}
