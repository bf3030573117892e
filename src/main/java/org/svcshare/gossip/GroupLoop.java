package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jgroups.Address;
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
import org.svcshare.store.StoreEffect;
import org.svcshare.store.StoreKeeper;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;

/// The one thread that owns a member: its store, who is there, and what is said to whom.
///
/// What others want of it comes through a bounded queue. What a change makes others see, its asker
/// included, happens after it was written down.
final class GroupLoop {
    private static final Logger LOG = LoggerFactory.getLogger(GroupLoop.class);
    private static final int MOST_WAITING = 50_000;
    private static final int BATCH = 256;
    private static final Duration SPREAD_EVERY = Duration.ofMillis(200);
    private static final Duration SWEEP_EVERY = Duration.ofMillis(100);
    private static final Duration FAREWELL = Duration.ofSeconds(3);

    private final GossipSettings settings;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final StoreFile file;
    private final StoreKeeper keeper;
    private final Roster roster = new Roster();
    private final Questions questions;
    private final Presence presence;
    private final Tally tally = new Tally();
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>(MOST_WAITING);
    private final List<Consumer<GroupEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Talk.Ear> ears = new CopyOnWriteArrayList<>();
    private final Answering answering;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicLong overrun = new AtomicLong();
    private final Thread thread;

    /// What is to happen once the batch at hand is written down, in order.
    private final List<Runnable> afterwards = new ArrayList<>();

    private boolean started;
    private boolean inView;
    private boolean leaving;
    private long roundAtNanos;
    private long spreadAtNanos;
    private long sweepAtNanos;
    private boolean spreading;
    private volatile List<Member> members = List.of();
    private volatile Status status;

    /// @param tls null for plain connections
    GroupLoop(
            GossipSettings settings,
            String version,
            @Nullable SSLContext tls,
            InstantSource clock,
            RandomGenerator random,
            Consumer<GroupEvent> listener)
            throws IOException {
        listeners.add(listener);
        this.settings = settings;
        this.answering = new Answering(version);
        this.clock = clock;
        this.random = random;
        this.file = StoreFile.open(settings.folder());
        try {
            String id = IdFile.in(settings.folder(), random);
            this.keeper = new StoreKeeper(id, rules(settings), random);
            file.replay(keeper::restore);
            this.questions = new Questions(random.nextLong() >>> 16);
            this.presence =
                    new Presence(
                            settings,
                            id,
                            version,
                            tls,
                            clock,
                            random,
                            new Ears(),
                            (from, why) -> tally.rejected("stranger", "from " + from + ": " + why),
                            wish -> put(wish));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        this.members = roster.members(presence.self());
        this.status = presence.status(false, tally.rejected(), tally.counts(keeper, presence, 0));
        this.thread = Thread.ofPlatform().name("gossip").daemon(true).unstarted(this::run);
        thread.start();
    }

    private static StoreKeeper.Rules rules(GossipSettings settings) {
        var usual = StoreKeeper.Rules.usual();
        return new StoreKeeper.Rules(
                settings.limits().keys(),
                settings.limits().bytes(),
                settings.clockAhead(),
                settings.tombstonesLive(),
                usual.rumourRounds(),
                usual.rumourFanOut());
    }

    // Called by others, on any thread.

    List<Member> members() {
        return members;
    }

    Status status() {
        return status;
    }

    <T> void read(Function<StoreView, T> question, Consumer<T> then) {
        put(() -> then.accept(question.apply(keeper.view(nowMs()))));
    }

    void change(Change change, Consumer<Change.Outcome> then) {
        boolean taken =
                put(() -> {
                    var effects = new ArrayList<StoreEffect>();
                    Change.Outcome outcome = keeper.change(change, nowMs(), effects);
                    carryOut(effects);
                    afterwards.add(() -> then.accept(outcome));
                });
        if (!taken) {
            then.accept(
                    new Change.Outcome.Refused(
                            Change.Refusal.UNAVAILABLE, "this member is stopping or overrun"));
        }
    }

    void call(String name, Value payload) {
        put(() -> {
            presence.send(null, new Frame.Call(name, payload));
            tell(new GroupEvent.Called(name, payload, presence.name()));
        });
    }

    void ask(String name, Value payload, Duration limit, Answers answers) {
        boolean taken =
                put(() -> {
                    if (questions.full()) {
                        answers.ended(names());
                        return;
                    }
                    long end = System.nanoTime() + limit.toNanos();
                    long question = questions.ask(new TreeSet<>(names()), end, answers);
                    presence.send(null, new Frame.Ask(question, name, payload));
                    answering.asked(
                            name,
                            payload,
                            presence.name(),
                            value -> put(() -> questions.answer(question, presence.name(), value)));
                });
        if (!taken) {
            answers.ended(names());
        }
    }

    private List<String> names() {
        return members.stream()
                .filter(member -> member.state() == Member.State.ALIVE)
                .map(Member::name)
                .toList();
    }

    void answerWith(Answerer answerer) {
        answering.add(answerer);
    }

    void forget(String name, Consumer<Forgotten> then) {
        put(() -> {
            Forgotten outcome = roster.judge(name);
            roster.gone(name)
                    .ifPresent(id -> {
                        forget(id);
                        presence.send(null, new Frame.Forget(id));
                    });
            publish();
            then.accept(outcome);
        });
    }

    private void forget(String id) {
        roster.forget(id);
        presence.forget(id);
    }

    int port() {
        return presence.listeningPort();
    }

    Runnable listen(Consumer<GroupEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void say(@Nullable String to, String text) {
        if (text.getBytes(UTF_8).length > Talk.MAX_BYTES) {
            LOG.debug("gossip: too long to be said");
            return;
        }
        put(() -> {
            // One by one also what is for all: the library keeps no order between what it sends to
            // one
            // and what it sends to all.
            var frame = new Frame.Talk(text, to != null);
            roster.addresses(presence.self(), to).forEach(one -> presence.send(one, frame));
        });
    }

    Runnable hear(Talk.Ear ear) {
        ears.add(ear);
        return () -> ears.remove(ear);
    }

    void close() {
        if (closed.compareAndSet(false, true)) {
            // No interrupt: it would close the journal's file in the middle of a write. If there is
            // no
            // room for this the loop is awake anyway.
            boolean woken = inbox.offer(() -> LOG.debug("gossip: leaving"));
            LOG.trace("gossip: woken {}", woken);
        }
        try {
            if (!ended.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("gossip: left without waiting any longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether there was room for it
    private boolean put(Runnable wish) {
        boolean taken = !closed.get() && inbox.offer(wish);
        if (!taken && !closed.get() && overrun.getAndIncrement() == 0) {
            LOG.warn("gossip: more to do than can be done; something is dropped");
        }
        return taken;
    }

    // The loop. Everything below runs on its thread.

    private void run() {
        long now = System.nanoTime();
        roundAtNanos = now + pause();
        spreadAtNanos = now;
        sweepAtNanos = now;
        try {
            while (!closed.get()) {
                Runnable wish = inbox.poll(sleepNanos(), TimeUnit.NANOSECONDS);
                for (int i = 0; wish != null && i < BATCH; i++) {
                    guarded(wish);
                    wish = i + 1 < BATCH ? inbox.poll() : null;
                }
                guarded(this::due);
                writeDown();
            }
        } catch (InterruptedException _) {
            LOG.warn("gossip: the loop was interrupted");
        } finally {
            guarded(this::leave);
            ended.countDown();
        }
    }

    private void leave() {
        leaving = true;
        if (started) {
            tell(new GroupEvent.Stopping(presence.name()));
        }
        for (Runnable wish = inbox.poll(); wish != null; wish = inbox.poll()) {
            guarded(wish);
        }
        questions.sweep(0, true);
        writeDown();
        presence.close();
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("gossip: the store was not closed well: {}", e.getMessage());
        }
    }

    /// A mistake in one thing must not end the loop.
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            tally.rejected("internal-error");
            LOG.warn("gossip: {}", e.toString(), e);
        }
    }

    private void writeDown() {
        file.sync(keeper::kept);
        if (afterwards.isEmpty()) {
            return;
        }
        var now = List.copyOf(afterwards);
        afterwards.clear();
        now.forEach(this::guarded);
        // What was told may have wishes, and they are written down before they are told.
        publish();
    }

    private long sleepNanos() {
        long now = System.nanoTime();
        long next = Math.min(roundAtNanos - now, presence.waitNanos(now));
        if (spreading) {
            next = Math.min(next, spreadAtNanos - now);
        }
        if (!questions.none()) {
            next = Math.min(next, sweepAtNanos - now);
        }
        return Math.max(0, next);
    }

    private void due() {
        long now = System.nanoTime();
        if (now - roundAtNanos >= 0) {
            roundAtNanos = now + pause();
            roster.sweep(clock.instant());
            keep(keeper::round);
            publish();
        }
        if (spreading && now - spreadAtNanos >= 0) {
            spreadAtNanos = now + SPREAD_EVERY.toNanos();
            var effects = new ArrayList<StoreEffect>();
            spreading = keeper.spread(nowMs(), effects);
            carryOut(effects);
        }
        if (now - sweepAtNanos >= 0) {
            sweepAtNanos = now + SWEEP_EVERY.toNanos();
            questions.sweep(now, false);
        }
        if (presence.due(now, roster.size())) {
            publish();
        }
        settle();
    }

    /// The interval, a fifth more or less, so that members do not fall into step.
    private long pause() {
        double factor = 0.8 + 0.4 * random.nextDouble();
        return (long) (settings.interval().toNanos() * factor);
    }

    private interface Step {
        void take(long nowMs, List<StoreEffect> effects);
    }

    private void keep(Step step) {
        var effects = new ArrayList<StoreEffect>();
        step.take(nowMs(), effects);
        carryOut(effects);
    }

    private void carryOut(List<StoreEffect> effects) {
        for (StoreEffect effect : effects) {
            switch (effect) {
                case StoreEffect.Keep(StoreEffect.Kept kept) -> {
                    file.keep(kept);
                    if (!spreading && kept instanceof StoreEffect.Kept.Stored) {
                        spreading = true;
                        spreadAtNanos = System.nanoTime() + SPREAD_EVERY.toNanos();
                    }
                }
                case StoreEffect.Send(var to, var message) ->
                        afterwards.add(() -> send(to, new Frame.OfStore(message)));
                case StoreEffect.Tell(GroupEvent event) -> afterwards.add(() -> tell(event));
            }
        }
    }

    private void send(@Nullable String to, Frame frame) {
        Address address = to == null ? null : roster.byId(to);
        if (to == null || address != null) {
            presence.send(address, frame);
        }
    }

    private void tell(GroupEvent event) {
        tally.told(event);
        for (Consumer<GroupEvent> listener : listeners) {
            guarded(() -> listener.accept(event));
        }
    }

    private long nowMs() {
        return clock.millis();
    }

    private void publish() {
        members = roster.members(presence.self());
        status =
                presence.status(
                        started, tally.rejected(), tally.counts(keeper, presence, overrun.get()));
    }

    private void viewed(List<Address> view) {
        List<GroupEvent> events = roster.view(view, presence.self(), clock.instant());
        inView = true;
        Optional<String> twin = roster.copyOf(presence.self());
        presence.view(view.size(), twin);
        if (twin.isPresent()) {
            presence.rejoin(presence.name(), true);
        } else if (roster.taken(presence.name(), presence.self())) {
            presence.rejoin(roster.freeName(settings.name()), false);
        } else {
            settle();
        }
        publish();
        presence.remember(roster.places(presence.self()));
        events.forEach(this::tell);
        keep((nowMs, effects) -> keeper.members(roster.others(presence.self()), nowMs, effects));
    }

    /// Says that this member is in its group, once it can know.
    private void settle() {
        if (!started && inView && presence.settled()) {
            started = true;
            publish();
            tell(new GroupEvent.Started(presence.name()));
        }
    }

    private void heard(Address from, Frame frame) {
        Optional<MemberAddress> sender = MemberAddress.of(from);
        if (sender.isEmpty()) {
            tally.rejected("unknown-sender");
            return;
        }
        MemberAddress who = sender.get();
        switch (frame) {
            case Frame.OfStore(var message) ->
                    keep((nowMs, effects) -> keeper.heard(who.id(), message, nowMs, effects));
            case Frame.Talk(String text, boolean direct) ->
                    ears.forEach(ear -> guarded(() -> ear.heard(who.name(), direct, text)));
            case Frame.Call(String name, Value payload) ->
                    tell(new GroupEvent.Called(name, payload, who.name()));
            case Frame.Ask(long question, String name, Value payload) ->
                    answering.asked(
                            name,
                            payload,
                            who.name(),
                            value ->
                                    put(() ->
                                            presence.send(
                                                    from, new Frame.Answer(question, value))));
            case Frame.Answer(long question, Value payload) ->
                    questions.answer(question, who.name(), payload);
            case Frame.Forget(String id) -> {
                forget(id);
                publish();
            }
            case Frame.Bye() -> {
                roster.saidGoodbye(from);
                presence.leaves(from);
                presence.send(from, new Frame.Farewell());
            }
            // The connection that waits for it has had it.
            case Frame.Farewell() -> {}
        }
    }

    /// Brings news of the connection onto the loop.
    private final class Ears implements Connection.Ear {
        @Override
        public void view(Connection from, List<Address> view, boolean merged) {
            put(() -> {
                if (presence.is(from) && !leaving) {
                    viewed(view);
                }
            });
        }

        @Override
        public void heard(Connection from, Address who, FrameCodec.Read read, int sizeBytes) {
            tally.received(sizeBytes);
            switch (read) {
                case FrameCodec.Read.Good(Frame frame) ->
                        put(() -> {
                            if (presence.is(from)) {
                                GroupLoop.this.heard(who, frame);
                            }
                        });
                case FrameCodec.Read.Bad(String reason) -> tally.rejected(reason);
            }
        }

        @Override
        public void failed(Connection from, String why) {
            put(() -> presence.failed(from, why));
        }
    }
}
