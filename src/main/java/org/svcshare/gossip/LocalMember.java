package org.svcshare.gossip;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
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

/// This process's member: its store, who is there, and what is said to whom.
///
/// Only on the group's thread, unless a method says otherwise. What a change makes others see, its
/// asker included, happens in [#writeDown], after it is on disk.
final class LocalMember {
    private static final Logger LOG = LoggerFactory.getLogger(LocalMember.class);
    private static final Duration SPREAD_EVERY = Duration.ofMillis(200);
    private static final Duration SWEEP_EVERY = Duration.ofMillis(100);

    private final GossipSettings settings;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Consumer<Runnable> wishes;
    private final Tally tally;
    private final StoreFile file;
    private final StoreKeeper keeper;
    private final Roster roster = new Roster();
    private final Questions questions;
    private final Presence presence;
    private final Answering answering;
    private final List<Consumer<GroupEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Talk.Ear> ears = new CopyOnWriteArrayList<>();

    /// What is to happen once the batch at hand is written down, in order.
    private final List<Runnable> afterwards = new ArrayList<>();

    private boolean started;
    private boolean inView;
    private boolean leaving;
    private boolean spreading;

    /// Something happened since the numbers were last shown.
    private boolean uncounted;

    private long roundAtNanos;
    private long spreadAtNanos;
    private long sweepAtNanos;
    private volatile List<Member> members;
    private volatile Status status;

    /// @param tls null for plain connections
    /// @param wishes has things done on the group's thread; any thread
    LocalMember(
            GossipSettings settings,
            String version,
            @Nullable SSLContext tls,
            InstantSource clock,
            RandomGenerator random,
            Tally tally,
            Consumer<GroupEvent> listener,
            Consumer<Runnable> wishes)
            throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        this.tally = tally;
        this.wishes = wishes;
        this.answering = new Answering(version);
        listeners.add(listener);
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
                            wishes);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        this.members = roster.members(presence.self());
        this.status = presence.status(false, tally.rejected(), tally.counts(keeper, presence));
        long now = System.nanoTime();
        roundAtNanos = now + pauseNanos();
        spreadAtNanos = now;
        sweepAtNanos = now;
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

    // On any thread.

    List<Member> members() {
        return members;
    }

    Status status() {
        return status;
    }

    int port() {
        return presence.listeningPort();
    }

    Runnable listen(Consumer<GroupEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    Runnable hear(Talk.Ear ear) {
        ears.add(ear);
        return () -> ears.remove(ear);
    }

    void answerWith(Answerer answerer) {
        answering.add(answerer);
    }

    /// Who is there now.
    List<String> names() {
        return members.stream()
                .filter(member -> member.state() == Member.State.ALIVE)
                .map(Member::name)
                .toList();
    }

    // What is wanted of it here.

    <T> T read(Function<StoreView, T> question) {
        return question.apply(keeper.view(nowMs()));
    }

    void change(Change change, Consumer<Change.Outcome> then) {
        var effects = new ArrayList<StoreEffect>();
        Change.Outcome outcome = keeper.change(change, nowMs(), effects);
        carryOut(effects);
        afterwards.add(() -> then.accept(outcome));
    }

    void call(String name, Value payload) {
        presence.send(null, new Frame.Call(name, payload));
        tell(new GroupEvent.Called(name, payload, presence.name()));
    }

    void ask(String name, Value payload, Duration limit, Answers answers) {
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
                value -> wishes.accept(() -> questions.answer(question, presence.name(), value)));
    }

    Forgotten forget(String name) {
        Forgotten outcome = roster.judge(name);
        roster.gone(name)
                .ifPresent(id -> {
                    forgetId(id);
                    presence.send(null, new Frame.Forget(id));
                });
        publish();
        return outcome;
    }

    private void forgetId(String id) {
        roster.forget(id);
        presence.forget(id);
    }

    /// @param to a member's name, or null for all others
    void say(@Nullable String to, String text) {
        // One by one also what is for all: the library keeps no order between what it sends to one
        // and what it sends to all.
        var frame = new Frame.Talk(text, to != null);
        roster.addresses(presence.self(), to).forEach(one -> presence.send(one, frame));
    }

    // Its own course.

    /// How long it has nothing to do by itself.
    long sleepNanos() {
        long now = System.nanoTime();
        long next = Math.min(roundAtNanos - now, presence.waitNanos(now));
        if (spreading) {
            next = Math.min(next, spreadAtNanos - now);
        }
        if (uncounted || !questions.none()) {
            next = Math.min(next, sweepAtNanos - now);
        }
        return Math.max(0, next);
    }

    /// Does what is due.
    void due() {
        long now = System.nanoTime();
        if (now - roundAtNanos >= 0) {
            roundAtNanos = now + pauseNanos();
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
        boolean swept = now - sweepAtNanos >= 0;
        if (swept) {
            sweepAtNanos = now + SWEEP_EVERY.toNanos();
            questions.sweep(now, false);
        }
        if (presence.due(now, roster.size()) || (swept && uncounted)) {
            publish();
        }
        settle();
    }

    /// The interval, a fifth more or less, so that members do not fall into step.
    private long pauseNanos() {
        double factor = 0.8 + 0.4 * random.nextDouble();
        return (long) (settings.interval().toNanos() * factor);
    }

    /// Syncs what was changed, then tells it.
    void writeDown() {
        file.sync(keeper::kept);
        if (afterwards.isEmpty()) {
            return;
        }
        var now = List.copyOf(afterwards);
        afterwards.clear();
        // What is told may have wishes, and they are written down before they are told.
        now.forEach(tally::guarded);
        uncounted = true;
    }

    /// From now on it answers nobody; what is asked of it here is still done.
    void leaving() {
        leaving = true;
        if (started) {
            tell(new GroupEvent.Stopping(presence.name()));
        }
    }

    /// Says goodbye, after what was asked of it is done.
    void leave() {
        questions.sweep(0, true);
        writeDown();
        presence.close();
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("the store was not closed well: {}", e.getMessage());
        }
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
            tally.guarded(() -> listener.accept(event));
        }
    }

    private long nowMs() {
        return clock.millis();
    }

    private void publish() {
        uncounted = false;
        members = roster.members(presence.self());
        status = presence.status(started, tally.rejected(), tally.counts(keeper, presence));
    }

    // What it hears.

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
                    ears.forEach(ear -> tally.guarded(() -> ear.heard(who.name(), direct, text)));
            case Frame.Call(String name, Value payload) ->
                    tell(new GroupEvent.Called(name, payload, who.name()));
            case Frame.Ask(long question, String name, Value payload) ->
                    answering.asked(
                            name,
                            payload,
                            who.name(),
                            value ->
                                    wishes.accept(() ->
                                            presence.send(
                                                    from, new Frame.Answer(question, value))));
            case Frame.Answer(long question, Value payload) ->
                    questions.answer(question, who.name(), payload);
            case Frame.Forget(String id) -> {
                forgetId(id);
                publish();
            }
            case Frame.Bye() -> {
                roster.saidGoodbye(from);
                presence.leaves(from);
                presence.send(from, new Frame.Farewell());
            }
            // The connection that waits for it has had it.
            case Frame.Farewell() -> {}
            case Frame.Apart() -> {
                if (from.equals(roster.byId(who.id()))) {
                    presence.apart();
                }
            }
        }
    }

    /// Brings news of the connection to the group's thread.
    private final class Ears implements Connection.Ear {
        @Override
        public void view(Connection from, List<Address> view, boolean merged) {
            wishes.accept(() -> {
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
                        wishes.accept(() -> {
                            if (presence.is(from)) {
                                LocalMember.this.heard(who, frame);
                            }
                        });
                case FrameCodec.Read.Bad(String reason) -> tally.rejected(reason);
            }
        }

        @Override
        public void failed(Connection from, String why) {
            wishes.accept(() -> presence.failed(from, why));
        }
    }
}
