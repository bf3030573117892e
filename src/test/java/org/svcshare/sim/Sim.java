package org.svcshare.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnSettings;

/// A group of bots on a virtual clock: everything that happens is an event on one heap, every
/// choice comes from one seed, and the same seed gives the same history.
///
/// Single-threaded; many can run side by side.
final class Sim {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final long SECOND = 1_000_000_000L;
    static final long MILLI = 1_000_000L;

    private final long seed;
    private final RandomGenerator random;
    private final PriorityQueue<Scheduled> heap = new PriorityQueue<>();
    private final Map<String, SimPeer> bots = new LinkedHashMap<>();
    private final Map<String, SimPerson> people = new LinkedHashMap<>();
    private final Trace trace = new Trace();
    private final SimChannel channel;
    private final SimLocks locks;
    private @Nullable SimGroup group;
    private final Invariants invariants;
    private long nanos;
    private long scheduled;

    Sim(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.channel = new SimChannel(this);
        this.locks = new SimLocks(this);
        this.invariants = new Invariants(this);
    }

    /// A thing that will be done, unless it is cancelled before.
    static final class Scheduled implements Comparable<Scheduled> {
        private final long at;
        private final long order;
        private final Runnable work;
        private boolean cancelled;

        private Scheduled(long at, long order, Runnable work) {
            this.at = at;
            this.order = order;
            this.work = work;
        }

        void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Scheduled other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    /// From now on bots vote among the members of a group, and people ask them through it.
    void overGossip(boolean signed) {
        group = new SimGroup(this, signed);
    }

    // Time and chance.

    long nanos() {
        return nanos;
    }

    Instant now() {
        return START.plusNanos(nanos);
    }

    RandomGenerator random() {
        return random;
    }

    /// A source of its own for one bot's life, so that bots do not disturb each other's draws.
    RandomGenerator freshRandom() {
        return new SplittableRandom(random.nextLong());
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    long between(long fromNanos, long toNanos) {
        return fromNanos >= toNanos ? fromNanos : random.nextLong(fromNanos, toNanos + 1);
    }

    Scheduled at(long when, Runnable work) {
        var entry = new Scheduled(Math.max(when, nanos), scheduled++, work);
        heap.add(entry);
        return entry;
    }

    Scheduled after(long delayNanos, Runnable work) {
        return at(nanos + delayNanos, work);
    }

    Scheduled after(Duration delay, Runnable work) {
        return after(delay.toNanos(), work);
    }

    // The cast.

    /// A bot of the new generation with the settings it would have out of the box.
    SimBot bot(String name) {
        SimPeer known = bots.get(name);
        return known == null
                ? newBot(name, TurnSettings.defaults("owner-of-" + name, "test"))
                : (SimBot) known;
    }

    SimBot newBot(String name, TurnSettings settings) {
        var bot = new SimBot(this, name, settings);
        enter(name, bot);
        return bot;
    }

    SimOldBot old(String name) {
        SimPeer known = bots.get(name);
        return known == null ? oldBot(name, true) : (SimOldBot) known;
    }

    SimOldBot oldBot(String name, boolean autoResume) {
        var bot = new SimOldBot(this, name, autoResume);
        enter(name, bot);
        return bot;
    }

    SimPeer peer(String name) {
        SimPeer peer = bots.get(name);
        if (peer == null) {
            throw new IllegalArgumentException("no bot " + name);
        }
        return peer;
    }

    private void enter(String name, SimPeer bot) {
        if (bots.putIfAbsent(name, bot) != null) {
            throw new IllegalArgumentException("two bots " + name);
        }
        bot.start();
    }

    Collection<SimPeer> bots() {
        return bots.values();
    }

    List<SimBot> newBots() {
        var found = new ArrayList<SimBot>();
        for (SimPeer peer : bots.values()) {
            if (peer instanceof SimBot bot) {
                found.add(bot);
            }
        }
        return found;
    }

    /// Somebody who sits in the channel.
    SimPerson person(String nick) {
        return people.computeIfAbsent(nick, _ -> new SimPerson(this, nick, true));
    }

    /// Somebody who can only write privately.
    SimPerson stranger(String nick) {
        return people.computeIfAbsent(nick, _ -> new SimPerson(this, nick, false));
    }

    /// Whether anybody is there who has forged a message.
    boolean hasStrangers() {
        return people.values().stream().anyMatch(SimPerson::forges);
    }

    // What happens to them.

    /// The first on one side, everybody else on the other.
    void partition(String alone, String other) {
        if (alone.equals(other)) {
            throw new IllegalArgumentException(alone + " cannot be parted from itself");
        }
        split(List.of(alone));
    }

    /// These bots on one side, everybody else on the other.
    void split(Collection<String> side) {
        happened("split off " + side);
        if (group != null) {
            group.split(side);
            return;
        }
        invariants.oldBotsLoseTrack();
        channel.split(side.stream().map(name -> peer(name).nick()).toList());
    }

    void heal() {
        happened("heal");
        if (group != null) {
            group.heal();
            return;
        }
        channel.heal();
    }

    void kick(String name) {
        happened("kick " + name);
        channel.kick(peer(name).nick());
    }

    /// Somebody with power, or services, changes a bot's nick.
    void rename(String name, String nick) {
        happened("rename " + name + " to " + nick);
        invariants.oldBotsLoseTrack();
        channel.forceRename(peer(name).nick(), nick);
    }

    /// The server closes a bot's connection.
    void disconnect(String name) {
        happened("disconnect " + name);
        channel.disconnect(peer(name).nick());
    }

    /// The process ends at once; the channel hears of it at once.
    void crash(String name) {
        crash(name, Duration.ZERO);
    }

    /// The process, or its machine, ends at once.
    ///
    /// @param noticedAfter until the server gives the connection up
    void crash(String name, Duration noticedAfter) {
        happened("crash " + name + ", noticed after " + noticedAfter);
        peer(name).crash(noticedAfter.toNanos());
    }

    /// The process is stopped for a while and then goes on where it was.
    ///
    /// @param asleep the whole machine sleeps, and with it its monotonic clock
    void stop(SimBot bot, Duration length, boolean asleep) {
        happened(bot.name() + (asleep ? " sleeps for " : " stands still for ") + length);
        bot.stand(length.toNanos(), asleep);
    }

    void restart(String name) {
        happened("restart " + name);
        peer(name).restart();
    }

    /// A line in the channel as it is typed.
    void say(String nick, String text) {
        happened(nick + " says " + text);
        person(nick).say(text);
    }

    /// A command in the channel to one bot, of whichever generation.
    void say(String nick, String bot, Command command) {
        happened(nick + " asks " + bot + ": " + command);
        if (group != null) {
            SimBot asked = bot(bot);
            after(channel.delay(), () -> asked.asked(nick, command));
            return;
        }
        person(nick).ask(peer(bot).nick(), command);
    }

    /// A line that only a forger would send.
    ///
    /// @param to a nick, or empty for the channel
    void forge(SimPerson forger, String to, PeerMessage message) {
        happened(forger.nick() + " forges to " + (to.isEmpty() ? "all" : to) + ": " + message);
        forger.forge(to, message);
        if (group != null) {
            group.forge(forger.nick(), to, message);
        }
    }

    // Running.

    void run(Duration span) {
        runTo(nanos + span.toNanos());
    }

    private void runTo(long end) {
        while (true) {
            Scheduled next = heap.peek();
            if (next == null || next.at > end) {
                nanos = Math.max(nanos, end);
                return;
            }
            step();
        }
    }

    /// Runs until the condition holds, at most for `limit`.
    ///
    /// @return whether it holds
    boolean runUntil(BooleanSupplier condition, Duration limit) {
        long end = nanos + limit.toNanos();
        while (!condition.getAsBoolean()) {
            Scheduled next = heap.peek();
            if (next == null || next.at > end) {
                nanos = Math.max(nanos, end);
                return condition.getAsBoolean();
            }
            step();
        }
        return true;
    }

    private void step() {
        Scheduled next = heap.remove();
        if (!next.cancelled) {
            nanos = next.at;
            next.work.run();
            invariants.stepped();
        }
    }

    // Looking.

    SimChannel channel() {
        return channel;
    }

    @Nullable SimGroup group() {
        return group;
    }

    /// Whether not everybody hears everybody else just now.
    boolean troubled() {
        return group == null ? channel.troubled() : group.troubled();
    }

    SimLocks locks() {
        return locks;
    }

    Invariants invariants() {
        return invariants;
    }

    Trace trace() {
        return trace;
    }

    /// Writes down that somebody outside has done something to the group.
    void happened(String what) {
        trace.add(nanos, "", what, "");
        invariants.stirred();
    }

    /// Names of the bots whose gates are physically open.
    List<String> openGates() {
        var open = new ArrayList<String>();
        for (SimPeer peer : bots.values()) {
            if (peer.gate().isOpen()) {
                open.add(peer.name());
            }
        }
        return open;
    }

    private String state() {
        var text = new StringBuilder();
        for (SimPeer peer : bots.values()) {
            text.append("  ").append(peer.name());
            text.append(peer.alive() ? "" : " dead").append(peer.inChannel() ? "" : " outside");
            text.append(peer.gate().isOpen() ? " open" : "").append(peer.wants() ? " wants" : "");
            text.append(" %.1f MB, client %s%n".formatted(peer.client.queueMb(), peer.client));
        }
        return text.toString();
    }

    /// A broken promise, with what led to it.
    AssertionError broken(String promise) {
        return new AssertionError(
                promise
                        + "\n  seed "
                        + seed
                        + " at "
                        + Trace.clock(nanos)
                        + " open "
                        + openGates()
                        + "\n"
                        + state()
                        + trace.last(Integer.getInteger("sim.trace", 40)));
    }
}
