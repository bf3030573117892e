package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GossipSettings;
import org.svcshare.store.Change;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup.Answerer;
import org.svcshare.store.MemberGroup.Answers;
import org.svcshare.store.MemberGroup.Forgotten;
import org.svcshare.store.MemberGroup.Status;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;

/// The one thread that owns a [LocalMember], and the bounded queue of what is wanted of it.
///
/// Its methods may be called by any thread and do not wait. Whoever waits for an answer gets one,
/// also when the member stops or has too much to do.
final class GroupLoop {
    private static final Logger LOG = LoggerFactory.getLogger(GroupLoop.class);
    private static final int MOST_WAITING = 50_000;
    private static final int BATCH = 256;
    private static final Duration FAREWELL = Duration.ofSeconds(3);

    private final Tally tally = new Tally();
    private final LocalMember member;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>(MOST_WAITING);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);

    /// Nobody looks into the inbox any more.
    private volatile boolean drained;

    /// @param tls null for plain connections
    GroupLoop(
            GossipSettings settings,
            String version,
            @Nullable SSLContext tls,
            InstantSource clock,
            RandomGenerator random,
            Consumer<GroupEvent> listener)
            throws IOException {
        member = new LocalMember(settings, version, tls, clock, random, tally, listener, this::put);
        Thread.ofPlatform().name("gossip").daemon(true).start(this::run);
    }

    List<Member> members() {
        return member.members();
    }

    Status status() {
        return member.status();
    }

    int port() {
        return member.port();
    }

    Runnable listen(Consumer<GroupEvent> listener) {
        return member.listen(listener);
    }

    Runnable hear(Talk.Ear ear) {
        return member.hear(ear);
    }

    void answerWith(Answerer answerer) {
        member.answerWith(answerer);
    }

    <T> boolean read(Function<StoreView, T> question, Consumer<T> then) {
        return put(() -> then.accept(member.read(question)));
    }

    void change(Change change, Consumer<Change.Outcome> then) {
        if (!put(() -> member.change(change, then))) {
            then.accept(
                    new Change.Outcome.Refused(
                            Change.Refusal.UNAVAILABLE, "this member is stopping or overrun"));
        }
    }

    void call(String name, Value payload) {
        put(() -> member.call(name, payload));
    }

    void ask(String name, Value payload, Duration limit, Answers answers) {
        if (!put(() -> member.ask(name, payload, limit, answers))) {
            answers.ended(member.names());
        }
    }

    void forget(String name, Consumer<Forgotten> then) {
        if (!put(() -> then.accept(member.forget(name)))) {
            then.accept(Forgotten.UNAVAILABLE);
        }
    }

    void say(@Nullable String to, String text) {
        if (text.getBytes(UTF_8).length > Talk.MAX_BYTES) {
            LOG.debug("too long to be said");
            return;
        }
        put(() -> member.say(to, text));
    }

    /// Blocks until it has said goodbye, for a few seconds at most.
    void close() {
        if (closed.compareAndSet(false, true)) {
            // No interrupt: it would close the journal's file in the middle of a write. If there is
            // no room for this, the loop is awake anyway.
            boolean woken = inbox.offer(() -> LOG.debug("leaving"));
            LOG.trace("woken {}", woken);
        }
        try {
            if (!ended.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("left without waiting any longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether it will be done
    private boolean put(Runnable wish) {
        if (closed.get()) {
            return false;
        }
        if (!inbox.offer(wish)) {
            tally.overrun();
            return false;
        }
        // It may have come after the last look into the inbox.
        return !drained || !inbox.remove(wish);
    }

    // The loop. Everything below runs on its thread.

    private void run() {
        try {
            while (!closed.get()) {
                Runnable wish = inbox.poll(member.sleepNanos(), TimeUnit.NANOSECONDS);
                for (int i = 0; wish != null && i < BATCH; i++) {
                    tally.guarded(wish);
                    wish = i + 1 < BATCH ? inbox.poll() : null;
                }
                tally.guarded(member::due);
                member.writeDown();
            }
        } catch (InterruptedException _) {
            LOG.warn("the loop was interrupted");
        } finally {
            closed.set(true);
            tally.guarded(this::leave);
            ended.countDown();
        }
    }

    private void leave() {
        member.leaving();
        finish();
        drained = true;
        // Whoever saw the flag too late to take a wish back finds it done.
        finish();
        member.leave();
    }

    private void finish() {
        for (Runnable wish = inbox.poll(); wish != null; wish = inbox.poll()) {
            tally.guarded(wish);
        }
    }
}
