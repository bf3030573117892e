package org.svcshare.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.engine.Inbox;
import org.svcshare.journal.SharedLog.Appended;

/// Puts records into the group's log while this node leads: many in one entry, a few entries on
/// their way at a time, in the order of asking, and tells in that order what became of them. One
/// thread of its own, which begins with the first record.
final class Scribe {
    private static final Logger LOG = LoggerFactory.getLogger(Scribe.class);
    private static final int MOST_WAITING = 65_536;
    private static final long MOST_WAITING_BYTES = 64 << 20;
    private static final int MOST_AT_ONCE = 4096;
    private static final int WINDOW = 4;
    private static final String STOPS = "it stops";
    private static final long MOST_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 100_000_000;

    private sealed interface Work {
        record Append(long term, ByteBuffer record, Appended then) implements Work {}

        record Shorten(long term, long upTo, ByteBuffer image) implements Work {}

        record Wrote() implements Work {}

        record Stop(long giveUpNanos) implements Work {}
    }

    /// Something that is cut into pieces.
    private static final class Cut {
        private final long term;
        private final boolean image;
        private final long of;
        private final ByteBuffer whole;
        private final Work.@Nullable Append asked;
        private int next;
        private int unanswered;

        /// Whether nothing more of it is sent, and whether that is surely in vain.
        private boolean over;

        private boolean inVain;
        private String why = "";

        Cut(long term, boolean image, long of, ByteBuffer whole, Work.@Nullable Append asked) {
            this.term = term;
            this.image = image;
            this.of = of;
            this.whole = whole;
            this.asked = asked;
        }

        boolean sent() {
            return next == SharedEntry.pieces(whole.remaining());
        }

        void fail(boolean surelyNot, String reason) {
            over = true;
            // Without all of its pieces it counts for nothing.
            inVain |= surelyNot || !sent();
            why = reason;
        }
    }

    /// An entry on its way; the thread's, but for what it comes to.
    private static final class Flight {
        private final long term;
        private final List<Work.Append> asked;
        private final @Nullable Cut cut;
        private final long sinceNanos;

        private volatile boolean done;
        private long reply;
        private @Nullable Throwable failure;

        Flight(long term, List<Work.Append> asked, @Nullable Cut cut, long sinceNanos) {
            this.term = term;
            this.asked = asked;
            this.cut = cut;
            this.sinceNanos = sinceNanos;
        }

        void end(long position, @Nullable Throwable why) {
            reply = position;
            failure = why;
            done = true;
        }
    }

    private final RaftNode node;
    private final Lease lease;
    private final Inbox<Work> inbox = new Inbox<>(Integer.MAX_VALUE);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().name("scribe").unstarted(this::run);
    private boolean begun;
    private volatile boolean closed;
    private volatile boolean over;

    // The scribe's thread.

    private final ArrayDeque<Work.Append> queue = new ArrayDeque<>();
    private final ArrayDeque<Flight> flights = new ArrayDeque<>();

    /// The record that is being cut, and the image.
    private @Nullable Cut record;

    private @Nullable Cut image;
    private long records;
    private boolean stopping;
    private long stopNanos;

    Scribe(RaftNode node, Lease lease) {
        this.node = node;
        this.lease = lease;
    }

    // From any thread.

    /// See [org.svcshare.journal.SharedLog#append].
    boolean append(long term, byte[] record, Appended then) {
        if (record.length < 1 || record.length > SharedEntry.MOST_RECORD_BYTES) {
            throw new IllegalArgumentException("a record of " + record.length + " bytes");
        }
        if (closed || !room(record.length)) {
            return false;
        }
        begin();
        inbox.add(new Work.Append(term, ByteBuffer.wrap(record), then));
        if (over) {
            // It came in while the thread left.
            refuseRest();
        }
        return true;
    }

    private boolean room(int bytes) {
        int records = waiting.incrementAndGet();
        long together = waitingBytes.addAndGet(bytes);
        boolean fits = records <= MOST_WAITING && together <= MOST_WAITING_BYTES;
        if (!fits) {
            free(bytes);
        }
        return fits;
    }

    private void free(int bytes) {
        waiting.decrementAndGet();
        waitingBytes.addAndGet(-bytes);
    }

    /// See [org.svcshare.journal.SharedLog#shorten].
    void shorten(long term, long upTo, byte[] bytes) {
        if (bytes.length > SharedEntry.MOST_IMAGE_BYTES) {
            throw new IllegalArgumentException("an image of " + bytes.length + " bytes");
        }
        if (!closed) {
            begin();
            inbox.add(new Work.Shorten(term, upTo, ByteBuffer.wrap(bytes)));
        }
    }

    private synchronized void begin() {
        if (!begun && !closed) {
            begun = true;
            thread.start();
        }
    }

    /// Takes nothing more, waits for what is on its way, and ends.
    void finish(Duration patience) throws InterruptedException {
        synchronized (this) {
            closed = true;
            if (!begun) {
                over = true;
                return;
            }
        }
        inbox.add(new Work.Stop(System.nanoTime() + patience.toNanos()));
        thread.join();
    }

    // The scribe's thread.

    private void run() {
        var work = new ArrayList<Work>();
        try {
            while (!(stopping && (flights.isEmpty() || System.nanoTime() - stopNanos >= 0))) {
                inbox.take(work, MOST_AT_ONCE, PAUSE_NANOS);
                work.forEach(this::sort);
                work.clear();
                giveUp();
                do {
                    land();
                    send();
                } while (landed());
            }
        } catch (InterruptedException _) {
            LOG.error("the scribe of what is shared was interrupted");
        }
        var end = new IOException(STOPS);
        flights.stream().filter(flight -> !flight.done).forEach(flight -> flight.end(0, end));
        land();
        over = true;
        refuseRest();
    }

    private void sort(Work work) {
        switch (work) {
            case Work.Append append -> queue.add(append);
            case Work.Shorten(long term, long upTo, ByteBuffer bytes) -> {
                if (image == null) {
                    image = new Cut(term, true, upTo, bytes, null);
                }
            }
            case Work.Wrote() -> {}
            case Work.Stop(long giveUpNanos) -> {
                stopping = true;
                stopNanos = giveUpNanos;
            }
        }
        if (stopping) {
            stop();
        }
    }

    /// What was not sent yet never will be.
    private void stop() {
        image = null;
        Cut begunOne = record;
        if (begunOne != null) {
            begunOne.fail(true, STOPS);
            record = null;
            if (begunOne.unanswered == 0) {
                tell(begunOne, 0);
            }
        }
        while (!queue.isEmpty()) {
            fail(queue.remove(), true, STOPS);
        }
    }

    private void refuseRest() {
        var rest = new ArrayList<Work>();
        inbox.drain(rest, Integer.MAX_VALUE);
        for (Work each : rest) {
            if (each instanceof Work.Append append) {
                fail(append, true, STOPS);
            }
        }
    }

    // Sending.

    private void send() {
        while (flights.size() < WINDOW && !stopping) {
            Cut picture = image;
            Cut cutting = record;
            if (picture != null && picture.over) {
                image = null;
            } else if (picture != null && picture.unanswered == 0) {
                image = sendPiece(picture) ? null : picture;
            } else if (cutting != null) {
                record = cutting.over || sendPiece(cutting) ? null : cutting;
            } else if (!queue.isEmpty()) {
                sendNext();
            } else {
                return;
            }
        }
    }

    /// @return whether it was the last one
    private boolean sendPiece(Cut cut) {
        byte[] entry = SharedEntry.piece(cut.term, cut.image, cut.of, cut.next, cut.whole);
        cut.next++;
        cut.unanswered++;
        fly(new Flight(cut.term, List.of(), cut, lease.now()), entry);
        return cut.sent();
    }

    private void sendNext() {
        Work.Append first = queue.remove();
        if (SharedEntry.span(first.record) > SharedEntry.MOST_BYTES) {
            records++;
            record = new Cut(first.term, false, records, first.record, first);
            return;
        }
        var together = new ArrayList<Work.Append>();
        together.add(first);
        int bytes = SharedEntry.span(first.record);
        Work.Append next = queue.peek();
        while (next != null
                && next.term == first.term
                && bytes + SharedEntry.span(next.record) <= SharedEntry.MOST_BYTES) {
            together.add(queue.remove());
            bytes += SharedEntry.span(next.record);
            next = queue.peek();
        }
        byte[] entry =
                SharedEntry.records(
                        first.term, together.stream().map(Work.Append::record).toList());
        fly(new Flight(first.term, together, null, lease.now()), entry);
    }

    private void fly(Flight flight, byte[] entry) {
        flights.add(flight);
        var _ =
                node.writeShared(entry, flight.term)
                        .whenComplete((reply, failure) -> {
                            if (failure != null) {
                                flight.end(0, failure);
                            } else {
                                came(flight, reply.getLong(reply.position()));
                            }
                            inbox.add(new Work.Wrote());
                        });
    }

    /// By a thread of Ratis.
    private void came(Flight flight, long reply) {
        if (reply != SharedRecords.NOT_TAKEN) {
            lease.proven(flight.term, flight.sinceNanos);
            node.heardSince(flight.sinceNanos);
        }
        flight.end(reply, null);
    }

    // What comes back.

    /// Ratis tells a leader that is no longer one what it does not know; if it ever should not,
    /// nobody must wait for it for ever.
    private void giveUp() {
        Flight first = flights.peek();
        if (first != null
                && !first.done
                && System.nanoTime() - first.sinceNanos > MOST_NANOS
                && !node.leads(first.term)) {
            first.end(0, new IOException("this node does not lead any more"));
        }
    }

    private boolean landed() {
        Flight first = flights.peek();
        return first != null && first.done;
    }

    private void land() {
        while (landed()) {
            Flight flight = flights.remove();
            String why = why(flight);
            boolean surelyNot = surelyNot(flight);
            Cut cut = flight.cut;
            if (cut != null) {
                cut.unanswered--;
                if (!why.isEmpty()) {
                    cut.fail(surelyNot, why);
                }
                if (cut.unanswered == 0 && (cut.over || cut.sent())) {
                    tell(cut, flight.reply);
                }
                continue;
            }
            long position = flight.reply;
            for (Work.Append each : flight.asked) {
                if (why.isEmpty()) {
                    tell(each, position);
                    position++;
                } else {
                    fail(each, surelyNot, why);
                }
            }
        }
    }

    /// Why it did not come to what it should; empty when it did.
    private static String why(Flight flight) {
        Throwable failure = cause(flight);
        if (failure != null) {
            return PeerCall.text(failure);
        }
        if (flight.reply == SharedRecords.NOT_TAKEN) {
            return "another leads by now";
        }
        return flight.reply == SharedRecords.NOT_KEPT ? "this node could not keep it" : "";
    }

    private static boolean surelyNot(Flight flight) {
        return cause(flight) instanceof NotTakenException
                || (flight.failure == null && flight.reply == SharedRecords.NOT_TAKEN);
    }

    private static @Nullable Throwable cause(Flight flight) {
        Throwable failure = flight.failure;
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    private void tell(Cut cut, long reply) {
        if (cut.asked == null) {
            return;
        }
        if (reply > 0) {
            tell(cut.asked, reply);
        } else {
            fail(cut.asked, cut.inVain, cut.why);
        }
    }

    private void tell(Work.Append append, long position) {
        free(append.record.remaining());
        guarded(() -> append.then.at(position));
    }

    private void fail(Work.Append append, boolean surelyNot, String why) {
        free(append.record.remaining());
        guarded(() -> append.then.failed(surelyNot, why));
    }

    private static void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException e) {
            LOG.error("what became of a shared record was not taken", e);
        }
    }
}
