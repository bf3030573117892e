package org.svcshare.channel;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// One channel of two: people command the bot and read what it says in one, bots meet and vote in
/// the other.
///
/// Whether the bot is in the channel, who is there, and what the bot is called in an election are
/// the bots' side's affair alone. So a lost network of the people costs commands, not turns; a lost
/// group of the bots is lost. On the people's side the bot has a nick of its own, which people call
/// it by and may change. Bots that are only on the people's side, such as all of generation 1, are
/// neither heard nor answered.
///
/// What happens comes on two threads, one of each side; commands alone come from the people's.
/// Holds nothing that changes.
public final class BridgedChannel implements PeerChannel {
    private final PeerChannel people;
    private final PeerChannel bots;

    public BridgedChannel(PeerChannel people, PeerChannel bots) {
        this.people = people;
        this.bots = bots;
    }

    @Override
    public void start(Consumer<TurnEvent> events) {
        bots.start(events);
        people.start(event -> {
            if (event instanceof TurnEvent.Asked) {
                events.accept(event);
            }
        });
    }

    @Override
    public void send(@Nullable String to, PeerMessage message) {
        bots.send(to, message);
    }

    /// What is for all is for the people. An answer goes to the side where it was asked for: no
    /// nick of IRC has an `@`, and everybody who asks in a group of members has.
    @Override
    public void say(@Nullable String to, String text, Weight weight) {
        (to != null && to.indexOf('@') >= 0 ? bots : people).say(to, text, weight);
    }

    @Override
    public void rename(String nick) {
        people.rename(nick);
    }

    /// Joined is what the bots' side is. Trouble of either side is told, the bots' first.
    @Override
    public ChannelStatus status() {
        ChannelStatus own = bots.status();
        ChannelStatus other = people.status();
        String separator = own.trouble().isEmpty() || other.trouble().isEmpty() ? "" : "; ";
        return new ChannelStatus(
                own.joined(),
                own.where() + "; people in " + other.where(),
                own.nick(),
                own.since(),
                own.trouble() + separator + other.trouble(),
                own.waiting() + other.waiting(),
                own.reconnects() + other.reconnects(),
                sum(own.lines(), other.lines()),
                sum(own.rejected(), other.rejected()));
    }

    private static ChannelStatus.Lines sum(ChannelStatus.Lines one, ChannelStatus.Lines other) {
        return new ChannelStatus.Lines(
                one.received() + other.received(),
                one.sent() + other.sent(),
                one.throttled() + other.throttled(),
                one.dropped() + other.dropped());
    }

    private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
        var sum = new TreeMap<>(one);
        other.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return sum;
    }

    /// The bots first, since somebody waits for the turn; the people with the time that is left.
    @Override
    public void leave(String reason, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        bots.leave(reason, limit.dividedBy(2));
        people.leave(reason, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }

    @Override
    public void close() {
        bots.close();
        people.close();
    }
}
