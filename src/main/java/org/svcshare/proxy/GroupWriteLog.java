package org.svcshare.proxy;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.journal.SharedLog;

/// A group's log as one owner of the replicas uses it: to look on, and to append to it for as long
/// as this node leads in one term.
final class GroupWriteLog implements WriteLog {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWriteLog.class);
    private static final long LEAST_LOG_BYTES = 32L << 20;

    /// A log may grow to so many times the image before another one is made.
    private static final int LOG_PER_IMAGE = 4;

    private final SharedLog shared;
    private final EventLoop owner;
    private final Runnable doubtful;

    /// 0 while this node does not lead.
    private volatile long term;

    private volatile long holdsFromNanos;

    // Of the owner.

    private boolean doubted;
    private long loggedBytes;
    private long imageBytes;

    /// @param owner the thread that owns the replicas
    /// @param doubtful is called there when what the replicas know is perhaps not what the log says
    GroupWriteLog(SharedLog shared, EventLoop owner, Runnable doubtful) {
        this.shared = shared;
        this.owner = owner;
        this.doubtful = doubtful;
    }

    /// This node leads. Whoever did before has stopped to send by the time that this begins to.
    void leads(long ofTerm) {
        Duration lease = shared.lease();
        holdsFromNanos = System.nanoTime() + lease.toNanos();
        term = ofTerm;
    }

    /// The term in which this node leads; 0 if it does not.
    long term() {
        return term;
    }

    /// Somebody's record was told.
    void told(long bytes) {
        loggedBytes += bytes;
    }

    @Override
    public boolean append(Entry entry) {
        long inTerm = term;
        if (inTerm == 0) {
            owner.execute(() -> {
                entry.failed("this node does not lead the group");
                entry.over();
            });
            return true;
        }
        loggedBytes += entry.record().length;
        return shared.append(
                inTerm,
                entry.record(),
                new SharedLog.Appended() {
                    @Override
                    public void at(long position) {
                        entry.kept(position);
                        owner.execute(entry::over);
                    }

                    @Override
                    public void failed(boolean surelyNot, String why) {
                        entry.failed(why);
                        // Of a write that is not there nothing is known yet; what a note or a
                        // change says has happened.
                        boolean harmless = surelyNot && RecordCodec.isWrite(entry.record());
                        owner.execute(() -> {
                            if (!harmless) {
                                // What is appended behind must not get to a node before it.
                                doubted = true;
                                doubtful.run();
                            }
                            entry.over();
                        });
                    }
                });
    }

    @Override
    public void window(long from, long mostBytes, Consumer<@Nullable Window> then) {
        Thread.ofVirtual()
                .name("replica window")
                .start(() -> {
                    Window found = read(from, mostBytes);
                    owner.execute(() -> then.accept(found));
                });
    }

    private @Nullable Window read(long from, long mostBytes) {
        var found = new ArrayList<Window.Found>();
        try {
            long next =
                    shared.read(
                            from,
                            mostBytes,
                            (position, record) -> {
                                if (RecordCodec.read(record)
                                        instanceof RecordCodec.Entry.Write(WriteRequest request)) {
                                    found.add(new Window.Found(position, request));
                                }
                            });
            return new Window(next, List.copyOf(found));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("writes from {} on cannot be read: {}", from, e.getMessage());
            return null;
        }
    }

    @Override
    public void image(long upTo, byte[] image) {
        loggedBytes = 0;
        imageBytes = image.length;
        shared.shorten(term, upTo, image);
    }

    /// An image was told.
    void toldImage(ByteBuffer image) {
        imageBytes = image.remaining();
    }

    @Override
    public boolean wantsImage() {
        return term != 0 && loggedBytes > Math.max(LEAST_LOG_BYTES, LOG_PER_IMAGE * imageBytes);
    }

    @Override
    public boolean holds() {
        long inTerm = term;
        return inTerm != 0
                && !doubted
                && System.nanoTime() - holdsFromNanos >= 0
                && shared.holds(inTerm);
    }

    @Override
    public long end() {
        return shared.end();
    }

    @Override
    public @Nullable String trouble() {
        return null;
    }

    @Override
    public void close() {
        term = 0;
    }
}
