package org.svcshare.web;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine.Stale;
import org.svcshare.pool.PoolView;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// Looking at pools and tickets, and ending those of others.
final class Pools {
    private static final int SHOWN = 1000;
    private static final int MOST_SHOWN = 100_000;
    private static final int POOL = 3;
    private static final int TICKET = 3;

    private final Loop loop;

    Pools(Loop loop) {
        this.loop = loop;
    }

    /// GET /api/v1/pools
    void list(Call call) {
        look(
                call,
                table -> table.pools(),
                (pools, age) -> {
                    Json json = age.write(call.json().raw("{")).raw("\"pools\":[");
                    for (int i = 0; i < pools.size(); i++) {
                        pool(json.raw(i == 0 ? "{" : ",{"), pools.get(i)).raw("}");
                    }
                    call.answer(200, json.raw("]}"));
                });
    }

    private record One(Optional<PoolView> pool, List<TicketView> tickets, long nowMs) {}

    /// GET /api/v1/pools/{pool}
    void show(Call call) {
        Optional<String> name = call.segment(POOL);
        if (name.isEmpty()) {
            call.problem(Problem.INVALID, "pool: expected percent-encoded UTF-8");
            return;
        }
        look(
                call,
                table -> new One(table.pool(name.get()), table.tickets(name, SHOWN), table.nowMs()),
                (one, age) -> {
                    if (one.pool.isEmpty()) {
                        call.problem(Problem.UNKNOWN_POOL, "nobody uses a pool of this name");
                    } else {
                        Json json = age.write(call.json().raw("{"));
                        json = pool(json, one.pool.get()).raw(",");
                        call.answer(200, tickets(json, one.tickets).raw("}"));
                    }
                });
    }

    /// GET /api/v1/tickets
    void tickets(Call call) {
        Percent.Parameter pool = call.parameter("pool");
        int limit = limit(call.parameter("limit"));
        if (pool.garbled() || limit < 0) {
            call.problem(
                    Problem.INVALID, "expected ?pool=NAME&limit=N with N from 0 to " + MOST_SHOWN);
            return;
        }
        Optional<String> name = pool.text();
        look(
                call,
                table -> new One(Optional.empty(), table.tickets(name, limit), table.nowMs()),
                (all, age) -> {
                    Json json = age.write(call.json().raw("{"));
                    json.raw("\"now\":").time(all.nowMs).raw(",");
                    call.answer(200, tickets(json, all.tickets).raw("}"));
                });
    }

    /// @return -1 for what is no number
    private static int limit(Percent.Parameter asked) {
        if (!asked.given()) {
            return SHOWN;
        }
        String text = asked.text().orElse("");
        if (!isNumber(text, 6)) {
            return -1;
        }
        int limit = Integer.parseInt(text);
        return limit <= MOST_SHOWN ? limit : -1;
    }

    private static boolean isNumber(String text, int mostDigits) {
        return !text.isEmpty()
                && text.length() <= mostDigits
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// DELETE /api/v1/tickets/{ticket}
    void force(Call call) {
        Optional<String> text = call.segment(TICKET);
        if (text.isEmpty() || !isNumber(text.get(), 18)) {
            call.problem(Problem.INVALID, "expected the number of a ticket");
            return;
        }
        new Asking(call, Asking::done)
                .propose(new Operation.Force(Long.parseLong(text.get()), call.holder()));
    }

    /// What an answer says of its own age.
    ///
    /// @param told whether that was asked for
    private record Age(boolean told, Optional<Stale> stale) {
        Json write(Json json) {
            if (!told) {
                return json;
            }
            json.raw("\"mayBeStale\":").flag(stale.isPresent());
            if (stale.isPresent()) {
                OptionalLong heard = stale.get().heardMs();
                json.raw(",\"leaderHeardMs\":");
                json = heard.isPresent() ? json.number(heard.getAsLong()) : json.raw("null");
                json.raw(",\"entriesBehind\":").number(stale.get().entriesBehind());
            }
            return json.raw(",");
        }
    }

    /// Looks at the pools, with `?stale` at what this server has at once.
    private <T> void look(Call call, Function<TableView, T> question, BiConsumer<T, Age> then) {
        switch (Percent.flag(call.request.query(), "stale")) {
            case GARBLED ->
                    call.problem(Problem.INVALID, "expected ?stale, or stale=true or false");
            case ON ->
                    loop.site.glance(
                            loop,
                            question,
                            ready(
                                    call,
                                    found ->
                                            then.accept(
                                                    found.seen(), new Age(true, found.stale()))));
            case OFF ->
                    loop.site.look(
                            loop,
                            question,
                            ready(
                                    call,
                                    found -> then.accept(found, new Age(false, Optional.empty()))));
        }
    }

    private static <F> Consumer<@Nullable F> ready(Call call, Consumer<F> then) {
        return found -> {
            if (found == null) {
                call.problem(Problem.NOT_READY, call.loop.site.engine().status().why());
            } else {
                then.accept(found);
            }
        };
    }

    static Json pool(Json json, PoolView pool) {
        return json.raw("\"name\":")
                .text(pool.name())
                .raw(",\"slots\":")
                .number(pool.slots())
                .raw(",\"slotsTaken\":")
                .number(pool.slotsTaken())
                .raw(",\"held\":")
                .number(pool.held())
                .raw(",\"waiting\":")
                .number(pool.waiting())
                .raw(",\"declared\":")
                .flag(pool.declared())
                .raw(",\"meanHoldMs\":")
                .number(pool.meanHoldMs());
    }

    private static Json tickets(Json json, List<TicketView> tickets) {
        json.raw("\"tickets\":[");
        for (int i = 0; i < tickets.size(); i++) {
            TicketView ticket = tickets.get(i);
            boolean waits = ticket.state() == TicketView.State.WAITING;
            json.raw(i == 0 ? "{\"ticket\":" : ",{\"ticket\":")
                    .number(ticket.ticket())
                    .raw(",\"pool\":")
                    .text(ticket.pool())
                    .raw(",\"holder\":")
                    .text(ticket.holder())
                    .raw(",\"reason\":")
                    .text(ticket.reason())
                    .raw(",\"mode\":")
                    .text(ticket.mode().name().toLowerCase(Locale.ROOT))
                    .raw(",\"state\":")
                    .text(ticket.state().name().toLowerCase(Locale.ROOT))
                    .raw(",\"since\":")
                    .time(ticket.sinceMs())
                    .raw(",\"until\":")
                    .time(ticket.untilMs())
                    .raw(",\"position\":")
                    .number(waits ? ticket.ahead() + 1L : 0)
                    .raw(",\"fence\":");
            json = waits ? json.raw("null}") : json.number(ticket.fence()).raw("}");
        }
        return json.raw("]");
    }
}
