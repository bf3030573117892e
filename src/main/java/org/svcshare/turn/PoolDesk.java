package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What people are told of the lock pools. Whose lock it is the pools decide; here are the words.
final class PoolDesk {
    /// More names would flood the channel.
    private static final int MOST_SHOWN = 10;

    private static final int LONGEST_TEXT = 80;

    private final Situation at;
    private final Outbox out;

    PoolDesk(Situation at, Outbox out) {
        this.at = at;
        this.out = out;
    }

    void wishes(Asker asker, PoolWish wish) {
        out.add(new TurnEffect.AskPools(asker, wish));
    }

    void answered(Asker asker, PoolNews news) {
        switch (news) {
            case PoolNews.All(List<PoolNews.Row> pools) -> out.answer(asker, all(pools));
            case PoolNews.Seen(String pool, List<PoolNews.Ticket> tickets) ->
                    out.answer(asker, seen(pool, tickets));
            case PoolNews.Yours(String pool, Instant until) ->
                    out.answerAndTell(
                            asker,
                            asker.nick() + ": " + shown(pool) + " is yours" + until(until) + ".");
            case PoolNews.Waits waits -> out.answer(asker, waits(waits));
            case PoolNews.Free(String pool, String holder) ->
                    out.answerAndTell(
                            asker,
                            Texts.format(
                                    "%s does not have %s any more.", shown(holder), shown(pool)));
            case PoolNews.NoSuchPool(String pool) ->
                    out.answer(asker, "There is no pool " + shown(pool) + " here.");
            case PoolNews.NoPools() -> out.answer(asker, "No pools here.");
            case PoolNews.NotDone(String pool, String why) ->
                    out.answer(asker, shown(pool) + ": " + shown(why) + ".");
        }
    }

    /// Somebody who took a lock here is called by name.
    void called(String nick, PoolCall call) {
        String text =
                switch (call) {
                    case PoolCall.YourTurn(String pool, Instant until) ->
                            shown(pool) + " is yours" + until(until) + ".";
                    case PoolCall.EndsSoon(String pool, Instant until) ->
                            Texts.format(
                                    "your time with %s ends at %s; \"lock %s\" gives you more.",
                                    shown(pool), time(until), shown(pool));
                    case PoolCall.Over(String pool, boolean taken) ->
                            taken
                                    ? shown(pool) + " was taken away from you."
                                    : "your time with " + shown(pool) + " is over.";
                };
        out.announce(nick + ": " + text);
    }

    private static String all(List<PoolNews.Row> pools) {
        if (pools.isEmpty()) {
            return "No pools here.";
        }
        var texts = new ArrayList<String>();
        for (PoolNews.Row row : pools.subList(0, Math.min(pools.size(), MOST_SHOWN))) {
            String state =
                    row.slots() == 1
                            ? row.taken() == 0 ? "free" : "taken"
                            : Texts.format("%d of %d taken", row.taken(), row.slots());
            String queue = row.waiting() > 0 ? ", " + row.waiting() + " waiting" : "";
            texts.add(shown(row.pool()) + " (" + state + queue + ")");
        }
        return "Pools: " + String.join(", ", texts) + more(pools.size()) + ".";
    }

    private String seen(String pool, List<PoolNews.Ticket> tickets) {
        if (tickets.isEmpty()) {
            return shown(pool) + " is free.";
        }
        var holders = new ArrayList<String>();
        var waiters = new ArrayList<String>();
        for (PoolNews.Ticket ticket : tickets.subList(0, Math.min(tickets.size(), MOST_SHOWN))) {
            if (ticket.held()) {
                holders.add(holder(ticket));
            } else {
                waiters.add(shown(ticket.holder()));
            }
        }
        return shown(pool)
                + (holders.isEmpty() ? " is free" : " is held by " + String.join(", ", holders))
                + (waiters.isEmpty() ? "" : "; waiting: " + String.join(", ", waiters))
                + more(tickets.size())
                + ".";
    }

    private static String more(int size) {
        return size > MOST_SHOWN ? " and " + (size - MOST_SHOWN) + " more" : "";
    }

    private String waits(PoolNews.Waits waits) {
        PoolNews.Ticket first = waits.first();
        String held = first == null ? " is taken" : " is held by " + holder(first);
        return shown(waits.pool()) + held + "; you are number " + waits.place() + ".";
    }

    private String holder(PoolNews.Ticket ticket) {
        String reason = ticket.reason().isEmpty() ? "" : " (" + shown(ticket.reason()) + ")";
        return shown(ticket.holder()) + until(ticket.until()) + reason;
    }

    private String until(@Nullable Instant until) {
        return until == null ? "" : " until " + time(until);
    }

    /// Hours and minutes; with the day when it is another one.
    private String time(Instant when) {
        String text = when.toString();
        String day =
                Duration.between(at.now, when).toHours() < 24 ? "" : text.substring(0, 10) + " ";
        return day + text.substring(11, 16) + " UTC";
    }

    private static String shown(String text) {
        return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
    }
}
