package org.svcshare.sim;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An [OldBot] in the simulator.
final class SimOldBot extends SimPeer {
    private static final long CUT = 500 * Sim.MILLI;

    private final boolean autoResume;
    private @Nullable OldBot bot;
    private Sim.@Nullable Scheduled tick;

    SimOldBot(Sim sim, String name, boolean autoResume) {
        super(sim, name, false);
        this.autoResume = autoResume;
    }

    /// Null while its process does not run.
    @Nullable OldBot bot() {
        return bot;
    }

    @Override
    boolean alive() {
        return bot != null && bot.crashed() == null;
    }

    @Override
    boolean wants() {
        return bot != null
                && alive()
                && inChannel()
                && !bot.halted(sim.now())
                && client.reachable()
                && client.queueMb() > 0;
    }

    @Override
    void start() {
        var fresh =
                new OldBot(
                        new OldBot.Settings(
                                "owner-of-" + name(), name(), SimChannel.NAME, autoResume, true),
                        sim.freshRandom());
        bot = fresh;
        // Its proxy is open for an instant at the start (D17); nothing can be loaded in it.
        carryOut(
                fresh.start(sim.now()).stream()
                        .filter(action -> !(action instanceof OldBot.Action.OpenProxy))
                        .toList());
        plan();
    }

    @Override
    void crash(long noticedAfterNanos) {
        bot = null;
        die(noticedAfterNanos);
    }

    private void die(long noticedAfterNanos) {
        gate().vanish();
        if (tick != null) {
            tick.cancel();
        }
        if (seat != null) {
            seat.quit(noticedAfterNanos);
            seat = null;
        }
    }

    @Override
    void restart() {
        if (!alive()) {
            start();
        }
    }

    private void happen(OldBot.Event event) {
        OldBot running = bot;
        if (running == null) {
            return;
        }
        gate().settle();
        running.client(client.snapshot());
        running.traffic(gate().connections(), gate().movedBytes());
        List<OldBot.Action> actions = running.on(event, sim.now());
        if (!actions.isEmpty()) {
            sim.trace().add(sim.nanos(), name(), event, actions);
        }
        carryOut(actions);
        plan();
    }

    /// The main loop of the original looks every 0.4 s.
    private void plan() {
        OldBot running = bot;
        var due = running == null ? null : running.nextDue();
        if (tick != null) {
            tick.cancel();
            tick = null;
        }
        if (due != null) {
            long dueNanos = java.time.Duration.between(Sim.START, due).toNanos();
            tick =
                    sim.at(
                            Math.max(dueNanos, sim.nanos())
                                    + sim.between(Sim.MILLI, OldBot.POLL.toNanos()),
                            () -> happen(new OldBot.Event.Tick()));
        }
    }

    private void carryOut(List<OldBot.Action> actions) {
        for (OldBot.Action action : actions) {
            switch (action) {
                case OldBot.Action.Privmsg(String target, String text) -> {
                    if (seat != null) {
                        seat.send(
                                target.equals(SimChannel.NAME) ? null : target,
                                new SimChannel.Words(text));
                    }
                }
                case OldBot.Action.Join _ -> {
                    if (seat != null) {
                        seat.join();
                    }
                }
                case OldBot.Action.Nick(String wanted) -> {
                    if (seat != null) {
                        seat.rename(wanted);
                    }
                }
                case OldBot.Action.Connect(String wanted) ->
                        seat = sim.channel().connect(this, wanted);
                case OldBot.Action.OpenProxy() -> gate().open(0);
                case OldBot.Action.CloseProxy() -> gate().close(CUT);
                case OldBot.Action.PauseClient() -> steer(true);
                case OldBot.Action.ResumeClient() -> steer(false);
                case OldBot.Action.Enqueue(List<String> ids) -> addMb(100 * ids.size());
                case OldBot.Action.Died _ -> {
                    die(0);
                    sim.invariants().oldBotDied(this);
                }
            }
        }
    }

    private void steer(boolean pause) {
        gate().settle();
        client.pause(pause);
        gate().look();
    }

    @Override
    public void welcomed(SimChannel.Seat at) {
        if (at == seat) {
            happen(new OldBot.Event.Welcome(at.nick()));
        }
    }

    @Override
    public void nickTaken(SimChannel.Seat at, String nick) {
        if (at == seat) {
            happen(new OldBot.Event.NickInUse());
        }
    }

    @Override
    public void joined(SimChannel.Seat at, Set<String> members) {
        if (at == seat) {
            happen(new OldBot.Event.Joined(at.nick(), SimChannel.NAME));
        }
    }

    @Override
    public void memberJoined(SimChannel.Seat at, String nick) {
        if (at == seat) {
            happen(new OldBot.Event.Joined(nick, SimChannel.NAME));
        }
    }

    @Override
    public void memberLeft(SimChannel.Seat at, String nick, boolean kicked) {
        if (at == seat) {
            happen(kicked ? new OldBot.Event.Kicked(nick) : new OldBot.Event.Left(nick));
        }
    }

    @Override
    public void kicked(SimChannel.Seat at) {
        if (at == seat) {
            happen(new OldBot.Event.Kicked(at.nick()));
        }
    }

    @Override
    public void renamed(SimChannel.Seat at, String from, String to) {
        if (at == seat) {
            happen(new OldBot.Event.Renamed(from, to));
        }
    }

    @Override
    public void heard(SimChannel.Seat at, String from, boolean direct, SimChannel.Body body) {
        if (at != seat) {
            return;
        }
        String text =
                switch (body) {
                    case SimChannel.Words(String words) -> words;
                    case SimChannel.Peer(var message) -> OldWire.write(message);
                    case SimChannel.Ask(String nick, var command) ->
                            (direct ? "" : nick + ": ") + OldWire.words(command);
                };
        happen(new OldBot.Event.Line(from, direct ? at.nick() : SimChannel.NAME, text));
    }

    @Override
    public void disconnected(SimChannel.Seat at) {
        if (at == seat) {
            seat = null;
            happen(new OldBot.Event.Disconnected());
        }
    }

    @Override
    public void gateOpened() {}

    @Override
    public void gateFailed(String why) {}

    @Override
    public void gateClosed(int cut) {}

    @Override
    public void traffic() {}
}
