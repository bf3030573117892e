package org.svcshare.gossip;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.channel.IrcText;
import org.svcshare.channel.PeerChannel;
import org.svcshare.channel.Permissions;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// [PeerChannel] over a group of members: who is in the group is in the channel, under its member's
/// name. The group connects, finds others and loses them by itself; this follows.
///
/// One thread of its own, the loop, owns everything. The group's threads bring it what happens and
/// callers bring it wishes, both through one bounded queue, and none of them waits for it.
public final class GossipChannel implements PeerChannel, MemberGroup.Answerer {
    /// The question that is answered here: its payload is a command as in a chat.
    public static final String COMMAND = "command";

    private static final Logger LOG = LoggerFactory.getLogger(GossipChannel.class);
    private static final int MAX_INBOX = 8_192;
    private static final int BATCH = 256;

    /// How often it looks whether the group has told everything.
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final MemberGroup group;
    private final Talk talk;
    private final InstantSource clock;
    private final Conversation conversation;
    private final Orders orders;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>(MAX_INBOX);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean missedMembers = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private Consumer<TurnEvent> events = _ -> {};
    private volatile List<Runnable> endings = List.of();
    private String trouble = "";
    private @Nullable Instant since;
    private long nextLook = System.nanoTime();
    private long joins;
    private long received;
    private long sent;
    private boolean leaving;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;
    private volatile Published published = new Published(false, null, "", 0, 0, 0, Map.of());

    /// What others may see of the loop's.
    private record Published(
            boolean joined,
            @Nullable Instant since,
            String trouble,
            long joins,
            long received,
            long sent,
            Map<String, Long> rejected) {}

    /// @param bootId this process's, 16 hexadecimal digits; what our signatures are tied to
    /// @param clock counts our messages and judges the age of others'
    /// @param random so that not all greet at once
    GossipChannel(
            MemberGroup group,
            Talk talk,
            PeerSettings peers,
            CommandSettings commands,
            String bootId,
            InstantSource clock,
            RandomGenerator random) {
        this.group = group;
        this.talk = talk;
        this.clock = clock;
        this.conversation =
                new Conversation(peers, bootId, clock, System::nanoTime, random, new ToOutside());
        this.orders =
                new Orders(
                        new Permissions(commands), System::nanoTime, event -> events.accept(event));
    }

    @Override
    public void start(Consumer<TurnEvent> events) {
        if (thread != null) {
            throw new IllegalStateException("started before");
        }
        this.events = events;
        Thread loop = new Thread(this::loop, "svcshare-talk");
        loop.setDaemon(true);
        thread = loop;
        endings =
                List.of(
                        group.listen(this::happened),
                        talk.hear((from, direct, text) -> offer(() -> heard(from, direct, text))));
        loop.start();
    }

    @Override
    public void send(@Nullable String to, PeerMessage message) {
        offer(() -> conversation.send(to, message));
    }

    @Override
    public void say(@Nullable String to, String text, Weight weight) {
        offer(() -> saying(to, text, weight));
    }

    /// Does nothing: a member keeps its name while it runs. Who asks the group for it is told.
    @Override
    public void rename(String nick) {
        LOG.info("not renamed to {}: a member keeps its name while it runs", nick);
    }

    @Override
    public ChannelStatus status() {
        MemberGroup.Status now = group.status();
        Published mine = published;
        return new ChannelStatus(
                mine.joined(),
                now.where(),
                now.name(),
                mine.since(),
                mine.trouble().isEmpty() ? now.trouble() : mine.trouble(),
                inbox.size(),
                Math.max(0, mine.joins() - 1),
                new ChannelStatus.Lines(mine.received(), mine.sent(), 0, dropped.get()),
                mine.rejected());
    }

    /// Answers `command`; everything else is for others to answer. The one who may ask is decided
    /// where the question is put, see [Orders].
    @Override
    public void asked(String name, Value payload, String from, Consumer<Value> answer) {
        if (name.equals(COMMAND)) {
            Consumer<String> inWords = text -> answer.accept(Value.text(text));
            offer(() ->
                    orders.asked(
                            payload.text(),
                            group.status().name(),
                            from,
                            conversation.joined(),
                            inWords));
        }
    }

    /// Sends what waits. The group goes on without us: that it ends is the group's own affair.
    @Override
    public void leave(String reason, Duration limit) {
        if (thread == null) {
            closed = true;
            return;
        }
        offer(() -> leaving = true);
        try {
            if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("left without waiting any longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    @Override
    public void close() {
        closed = true;
        endings.forEach(Runnable::run);
        Thread loop = thread;
        if (loop != null) {
            loop.interrupt();
        }
    }

    /// A full queue means that the loop is stuck or flooded; then it is dropped, since neither the
    /// group nor a caller may wait.
    private boolean offer(Runnable work) {
        boolean taken = !closed && inbox.offer(work);
        if (!taken && !closed && dropped.getAndIncrement() == 0) {
            LOG.warn("more is said in the group than can be handled; dropping some of it");
        }
        return taken;
    }

    /// On a thread of the group.
    private void happened(GroupEvent event) {
        @Nullable Runnable news =
                switch (event) {
                    case GroupEvent.Started _ -> this::look;
                    case GroupEvent.Stopping _ -> () -> lost("the group is left");
                    case GroupEvent.MemberJoined(Member member) -> () -> conversation.came(member);
                    case GroupEvent.MemberLeft(Member member) -> () -> gone(member);
                    case GroupEvent.MemberFailed(Member member) -> () -> gone(member);
                    case GroupEvent.OfKey _,
                            GroupEvent.BeforeGossip _,
                            GroupEvent.AfterGossip _,
                            GroupEvent.BeforeSync _,
                            GroupEvent.AfterSync _,
                            GroupEvent.Called _ ->
                            null;
                };
        if (news != null && !offer(news)) {
            missedMembers.set(true);
        }
    }

    // The loop. Everything below runs on its thread.

    private void loop() {
        try {
            while (!closed && !leaving) {
                Runnable work = inbox.poll(sleepNanos(), TimeUnit.NANOSECONDS);
                for (int i = 0; work != null && i < BATCH; i++) {
                    guarded(work);
                    work = leaving ? null : inbox.poll();
                }
                guarded(this::onTime);
                publish();
            }
        } catch (InterruptedException _) {
            // Only close() interrupts us.
            LOG.debug("loop ended");
        } finally {
            closed = true;
            publish();
            ended.countDown();
        }
    }

    /// A defect in one message's handling must not end the loop (T6): it is logged and counted.
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            conversation.failed();
            LOG.warn("in the channel of the group", e);
        }
    }

    private long sleepNanos() {
        long due = Math.min(conversation.dueNanos(), orders.dueNanos());
        return Math.max(0, Math.min(nextLook, due) - System.nanoTime());
    }

    private void onTime() {
        long now = System.nanoTime();
        if (now >= nextLook) {
            nextLook = now + LOOK_NANOS;
            MemberGroup.Status is = group.status();
            boolean renamed = conversation.joined() && !is.name().equals(conversation.name());
            if (renamed) {
                // Two groups became one, in which somebody else has the name: to the others we are
                // another member now, so what we had as the old one is over.
                lost("the group calls this member " + is.name() + " now");
            }
            if (missedMembers.getAndSet(false) || is.joined() != conversation.joined()) {
                look();
            }
        }
        conversation.onTime();
        orders.onTime();
    }

    /// Compares what the group says it is with what the bot was told.
    private void look() {
        MemberGroup.Status now = group.status();
        if (!now.joined()) {
            lost("not in the group: " + now.trouble());
            return;
        }
        if (!Conversation.fits(now.name())) {
            trouble =
                    "\""
                            + now.name()
                            + "\" cannot be the name of a bot: it is too long, or has blanks";
            return;
        }
        trouble = "";
        List<Member> members = group.members();
        if (!conversation.joined()) {
            joins++;
            since = clock.instant();
            LOG.info("in the group {} as {}", now.group(), now.name());
            conversation.join(now.group(), now.name(), members);
            return;
        }
        for (String name : conversation.names()) {
            if (members.stream().noneMatch(member -> isThere(member, name))) {
                conversation.went(name);
            }
        }
        members.forEach(conversation::came);
    }

    private static boolean isThere(Member member, String name) {
        return member.name().equals(name) && member.state() == Member.State.ALIVE;
    }

    private void lost(String why) {
        if (conversation.joined()) {
            since = clock.instant();
            LOG.info("out of the group: {}", why);
            conversation.lose(why);
        }
    }

    /// What is over of an earlier start may be told when the next one is there already.
    private void gone(Member member) {
        if (conversation.knows(member)) {
            conversation.went(member.name());
        }
    }

    private void heard(String from, boolean direct, String text) {
        received++;
        if (!conversation.isThere(from) && conversation.joined()) {
            // Its coming is told on another way, which may be the longer one.
            group.members().stream()
                    .filter(member -> isThere(member, from))
                    .forEach(conversation::came);
        }
        conversation.heard(from, direct, text);
    }

    /// There is nobody in the group who reads along, other than in a channel of people.
    private void saying(@Nullable String to, String text, Weight weight) {
        String line = IrcText.oneLine(text);
        if (to != null && orders.said(to, line)) {
            return;
        }
        if (weight == Weight.CHATTER) {
            LOG.debug("says: {}", line);
        } else {
            LOG.info("says{}: {}", to == null ? "" : " to " + to, line);
        }
    }

    private void publish() {
        published =
                new Published(
                        conversation.joined(),
                        since,
                        trouble,
                        joins,
                        received,
                        sent,
                        Map.copyOf(conversation.rejected()));
    }

    private final class ToOutside implements Conversation.Out {
        @Override
        public void say(@Nullable String to, String text) {
            sent++;
            talk.say(to, text);
        }

        @Override
        public void event(TurnEvent event) {
            // Who hears the event and asks for the status must not see the one before it.
            publish();
            events.accept(event);
        }

        @Override
        public void rejected(String reason) {
            LOG.info("a message was not believed or not understood: {}", reason);
        }
    }
}
