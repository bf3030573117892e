package org.svcshare.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.svcshare.turn.Command;
import org.svcshare.turn.Policy;
import org.svcshare.turn.TurnSettings;

/// One random history: a group, some minutes to hours in which everything happens that can happen
/// to it, and then peace, in which everybody who wants the service must get it.
///
/// The seed decides all of it.
final class History {
    private static final String BOSS = "boss";

    private final Sim sim;
    private final RandomGenerator random;
    private final List<SimPeer> bots = new ArrayList<>();
    private final List<SimPerson> villains = new ArrayList<>();
    private final boolean gossip;
    private final boolean mixed;
    private final boolean lossy;
    private final boolean guarded;
    private final boolean keepsGates;
    private int renames;

    private History(long seed, boolean gossip) {
        this.gossip = gossip;
        sim = new Sim(seed);
        random = sim.random();
        if (gossip) {
            sim.overGossip(sim.chance(0.5));
        }
        mixed = !gossip && sim.chance(0.4);
        lossy = !gossip && !mixed && sim.chance(0.2);
        guarded = !mixed && sim.chance(0.45);
        keepsGates = sim.chance(0.05);
    }

    /// Plays it; throws when a promise was broken.
    static void play(long seed) {
        new History(seed, false).play();
    }

    /// The same among the members of a group.
    static void playOverGossip(long seed) {
        new History(seed, true).play();
    }

    private void play() {
        weather();
        cast();
        sim.run(Duration.ofSeconds(random.nextLong(5, 40)));
        chaos();
        peace();
    }

    private void weather() {
        switch (random.nextInt(3)) {
            case 0 -> sim.channel().delays(Sim.MILLI, 20 * Sim.MILLI);
            case 1 -> sim.channel().delays(5 * Sim.MILLI, 200 * Sim.MILLI);
            default -> sim.channel().delays(5 * Sim.MILLI, 600 * Sim.MILLI);
        }
        if (sim.chance(0.3) && !gossip) {
            sim.channel().useTwoServers();
        }
    }

    private void cast() {
        int count = random.nextInt(2, 7);
        Policy common = policy();
        boolean onePolicy = sim.chance(0.7);
        for (int i = 0; i < count; i++) {
            String name = String.valueOf((char) ('a' + i));
            if (mixed && sim.chance(0.5)) {
                bots.add(sim.oldBot("old-" + name, sim.chance(0.8)));
            } else {
                SimBot bot = sim.newBot(name, settings(name, onePolicy ? common : policy()));
                bot.slowClient(sim.chance(0.2) ? 5 * Sim.SECOND : 200 * Sim.MILLI);
                bots.add(bot);
            }
            bots.getLast().client.speed(random.nextLong(2, 41) * SimClient.MB);
            if (sim.chance(0.6)) {
                bots.getLast().queueMb(jobMb());
            }
        }
        sim.person(BOSS);
        if (sim.chance(0.3)) {
            villains.add(sim.chance(0.5) ? sim.stranger("mean") : sim.person("mean"));
        }
    }

    private TurnSettings settings(String name, Policy policy) {
        return SimSettings.of(name)
                .policy(policy)
                .autoResume(sim.chance(0.85))
                .guarded(guarded)
                .keepGateWhenLost(keepsGates && sim.chance(0.5))
                .haltSurvivesRestart(sim.chance(0.3))
                .ageingHalfLife(Duration.ofSeconds(random.nextLong(60, 3600)))
                .queueCheckEvery(Duration.ofSeconds(random.nextLong(120, 900)))
                .handoverDrain(
                        sim.chance(0.8)
                                ? Duration.ZERO
                                : Duration.ofSeconds(random.nextLong(1, 30)))
                .turnLinger(Duration.ofSeconds(random.nextLong(2, 31)))
                .turnMax(
                        sim.chance(0.7)
                                ? Duration.ZERO
                                : Duration.ofSeconds(random.nextLong(30, 600)))
                .build();
    }

    private Policy policy() {
        var all = List.copyOf(EnumSet.allOf(Policy.class));
        return all.get(random.nextInt(all.size()));
    }

    private double jobMb() {
        return switch (random.nextInt(5)) {
            case 0 -> 1 + random.nextInt(20);
            // Round numbers, so that queues are equal now and then.
            case 1, 2 -> 100 * random.nextInt(1, 5);
            default -> random.nextInt(50, 3000);
        };
    }

    private void chaos() {
        long span =
                (sim.chance(0.1) ? random.nextLong(1800, 7200) : random.nextLong(120, 1200))
                        * Sim.SECOND;
        long end = sim.nanos() + span;
        long pace = random.nextLong(5, 90) * Sim.SECOND;
        while (sim.nanos() < end) {
            sim.run(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) * pace)));
            if (guarded && sim.chance(0.4)) {
                guardTrouble();
            } else {
                something();
            }
        }
    }

    /// What can happen to a lease: to those who have it, to their clocks, on the way to the lock
    /// service, and there.
    private void guardTrouble() {
        SimBot bot = sim.newBots().get(random.nextInt(bots.size()));
        SimLocks locks = sim.locks();
        switch (random.nextInt(15)) {
            case 12, 13, 14 -> duel();
            case 0, 1, 2, 3 -> {
                long most = sim.chance(0.5) ? 20_000 : 90_000;
                Duration length = Duration.ofMillis(random.nextLong(1, most));
                sim.stop(bot, length, sim.chance(0.5));
            }
            case 4 -> {
                // Nobody sets a clock by exactly what makes up for a sleep.
                long millis = random.nextLong(-3_600_000, 3_600_000);
                sim.happened("the clock of " + bot.name() + " is set by " + millis + " ms");
                bot.clock().set(millis);
            }
            case 5, 6 -> {
                boolean off = !locks.cutsOff(bot.name());
                sim.happened(bot.name() + (off ? " is cut off from" : " reaches") + " the locks");
                locks.cutOff(bot.name(), off);
            }
            case 7, 8 -> {
                sim.happened("the way to the locks becomes bad");
                locks.weather(
                        random.nextLong(1, 3000) * Sim.MILLI,
                        sim.chance(0.5) ? 0 : 0.4 * random.nextDouble(),
                        sim.chance(0.5) ? 0 : 0.4 * random.nextDouble());
            }
            case 9 -> {
                sim.happened("the way to the locks is good");
                locks.weather(20 * Sim.MILLI, 0, 0);
            }
            case 10 -> {
                sim.happened(locks.isDown() ? "the locks are back" : "the locks are down");
                locks.down(!locks.isDown(), Duration.ofSeconds(sim.chance(0.5) ? 15 : 0));
            }
            default -> {
                sim.happened("somebody wants the lock");
                locks.somebodyTakes(Duration.ofSeconds(random.nextLong(1, 120)));
            }
        }
    }

    private void something() {
        SimPeer bot = bots.get(random.nextInt(bots.size()));
        switch (random.nextInt(30)) {
            case 0, 1, 2, 3, 4, 5, 6 -> {
                double mb = jobMb();
                sim.happened(bot.name() + " gets a job of " + mb + " MB");
                bot.addMb(mb);
            }
            case 7 -> {
                sim.happened(bot.name() + " empties its queue");
                bot.queueMb(0);
            }
            case 8, 9 -> sim.say(BOSS, bot.name(), new Command.Election());
            case 10, 11 -> sim.say(BOSS, bot.name(), new Command.Force(random.nextInt(0, 1000)));
            case 12 ->
                    sim.say(
                            BOSS,
                            bot.name(),
                            new Command.Halt(
                                    sim.chance(0.3)
                                            ? Duration.ZERO
                                            : Duration.ofMinutes(random.nextInt(1, 10))));
            case 13 -> sim.say(BOSS, bot.name(), new Command.Unhalt());
            case 14 -> sim.say(BOSS, bot.name(), new Command.Pause());
            case 15 -> {
                if (gossip) {
                    flicker();
                } else if (bot.inChannel()) {
                    sim.kick(bot.name());
                }
            }
            case 16 -> {
                if (bot.alive() && bot.seat != null) {
                    sim.disconnect(bot.name());
                }
            }
            case 17, 18 -> {
                if (bot.alive()) {
                    sim.crash(
                            bot.name(),
                            Duration.ofSeconds(sim.chance(0.6) ? 0 : random.nextInt(1, 240)));
                }
            }
            case 19, 20 -> sim.restart(bot.name());
            case 21 -> {
                if (gossip && bot.alive()) {
                    sim.crash(bot.name());
                    sim.run(Duration.ofMillis(random.nextLong(1, 4_000)));
                    sim.restart(bot.name());
                } else if (!gossip && bot instanceof SimBot && bot.inChannel()) {
                    sim.rename(bot.name(), bot.name() + "-" + ++renames);
                }
            }
            case 22, 23 -> {
                if (sim.troubled() && !lossy) {
                    sim.heal();
                } else if (!lossy && bots.size() > 1) {
                    sim.split(
                            bots.stream()
                                    .filter(_ -> random.nextBoolean())
                                    .map(SimPeer::name)
                                    .toList());
                }
            }
            case 24 -> {
                sim.happened("the client of " + bot.name() + " hangs or answers again");
                bot.reachable(!bot.client.reachable());
            }
            case 25 -> {
                if (bot instanceof SimBot) {
                    bot.gate().failNextOpen();
                }
            }
            case 26 -> {
                if (bot instanceof SimBot ours) {
                    ours.knock();
                }
            }
            case 27 -> {
                if (bot instanceof SimBot ours && ours.alive()) {
                    sim.happened(bot.name() + " is asked to stop");
                    ours.stop();
                }
            }
            case 28 -> {
                if (lossy) {
                    sim.happened("the medium becomes bad");
                    sim.channel().lossy(0.2 * random.nextDouble(), 0.1, Sim.SECOND);
                }
            }
            default -> mischief();
        }
    }

    /// The network is cut and is back, mostly before anybody has noticed.
    private void flicker() {
        if (!sim.troubled() && bots.size() > 1) {
            sim.split(bots.stream().filter(_ -> random.nextBoolean()).map(SimPeer::name).toList());
            sim.run(Duration.ofMillis(random.nextLong(10, 4_000)));
            sim.heal();
        }
    }

    /// Two bots that do not hear of each other want the service, and the one that has it can no
    /// longer renew its lease: the hour in which a guard has to prove itself.
    private void duel() {
        SimLocks locks = sim.locks();
        List<String> open = sim.openGates();
        if (open.isEmpty() || bots.size() < 2) {
            return;
        }
        SimBot holder = (SimBot) sim.peer(open.getFirst());
        if (!lossy && !sim.troubled()) {
            sim.split(List.of(holder.name()));
        }
        holder.addMb(5000);
        for (SimPeer other : bots) {
            if (other != holder) {
                other.addMb(500);
                sim.say(BOSS, other.name(), new Command.Force(100));
            }
        }
        if (sim.chance(0.7)) {
            sim.happened("the way to the locks becomes slow");
            locks.weather(
                    sim.between(0, 4000) * Sim.MILLI + Sim.MILLI, 0, sim.chance(0.5) ? 0 : 0.3);
        }
        sim.run(Duration.ofMillis(random.nextLong(5_000, 40_000)));
        sim.happened("the way back from the locks is cut for " + holder.name());
        locks.cutOff(holder.name(), true);
        if (sim.chance(0.5)) {
            sim.happened("the way to the locks is good for the others");
            locks.weather(20 * Sim.MILLI, 0, 0);
        }
        if (sim.chance(0.3)) {
            sim.run(Duration.ofMillis(random.nextLong(0, 13_000)));
            sim.stop(holder, Duration.ofMillis(random.nextLong(1, 40_000)), sim.chance(0.5));
        }
        sim.run(Duration.ofMillis(random.nextLong(10_000, 30_000)));
        locks.cutOff(holder.name(), sim.chance(0.3));
    }

    private void mischief() {
        if (villains.isEmpty()) {
            return;
        }
        SimPerson villain = villains.getFirst();
        var mischief = new Mischief(random, sim.bots().stream().map(SimPeer::nick).toList());
        sim.invariants().overheard().ifPresent(mischief::overhears);
        if (mixed) {
            sim.invariants().oldBotsLoseTrack();
        }
        int lines = random.nextInt(1, 40);
        for (int i = 0; i < lines; i++) {
            SimPeer target = bots.get(random.nextInt(bots.size()));
            sim.forge(villain, random.nextBoolean() ? "" : target.nick(), mischief.message());
            if (sim.chance(0.1)) {
                sim.run(Duration.ofMillis(random.nextLong(0, 3000)));
            }
        }
    }

    private void peace() {
        sim.happened("peace");
        sim.locks().calm();
        if (sim.troubled()) {
            if (lossy) {
                sim.channel().lossy(0, 0, 0);
            } else {
                sim.heal();
            }
        }
        villains.forEach(villain -> villain.seat().quit(0));
        SimGroup group = sim.group();
        if (group != null) {
            group.rest();
        }
        for (SimPeer bot : bots) {
            sim.restart(bot.name());
            bot.reachable(true);
        }
        sim.run(Duration.ofSeconds(30));
        for (SimPeer bot : bots) {
            sim.say(BOSS, bot.name(), new Command.Unhalt());
        }
        if (mixed) {
            sim.run(Duration.ofMinutes(sim.chance(0.1) ? 90 : 10));
            return;
        }
        double seconds = 0;
        long longest = 0;
        for (SimBot bot : sim.newBots()) {
            // A job of each, of which some want and others have auto-resume off.
            bot.addMb(50);
            seconds += bot.client.queueMb() / 2 + bot.settings().turnLinger().toSeconds() + 60;
            longest = Math.max(longest, bot.settings().queueCheckEvery().toSeconds());
        }
        boolean served =
                sim.runUntil(
                        () -> sim.newBots().stream().noneMatch(SimPeer::wants),
                        Duration.ofSeconds((long) seconds + 2 * longest + 120));
        if (!served) {
            throw sim.broken("L: not everybody who has a queue was served");
        }
    }
}
