package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolView;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// How the API tells what became of a ticket.
final class LockAnswers implements Voice {
    private final Site site;

    LockAnswers(Site site) {
        this.site = site;
    }

    @Override
    public void granted(TicketWait wait, Grant grant) {
        Call call = wait.call;
        Optional<EventStream> stream = wait.streamForGrant();
        if (stream.isPresent()) {
            stream.get().send(event(call.json(), "granted", wait, grant));
            stream.get().end();
        } else {
            call.answer(
                    made(call, grant) ? 201 : 200,
                    granted(call.json(), wait.pool, wait.token, grant));
        }
    }

    /// Whether this very request made the lock.
    private static boolean made(Call call, Grant grant) {
        return grant.fresh() && call.request.method().equals(HttpMethod.POST);
    }

    private Buffer event(Json json, String name, TicketWait wait, Grant grant) {
        json.raw("event: ").raw(name).raw("\ndata: ");
        return granted(json, wait.pool, wait.token, grant).raw("\n\n").done();
    }

    void renewed(Call call, String pool, String token, Outcome.Granted granted) {
        var grant = new Grant(granted.ticket(), granted.fence(), granted.untilMs(), false);
        call.answer(200, granted(call.json(), pool, token, grant));
    }

    /// The lease ends by the table's clock; when that is on the wall's the server says.
    private Json granted(Json json, String pool, String token, Grant grant) {
        boolean ends = grant.untilMs() != Long.MAX_VALUE;
        long leftMs = Math.max(0, grant.untilMs() - site.engine().nowMs());
        json.raw("{\"state\":\"granted\",\"pool\":")
                .text(pool)
                .raw(",\"ticket\":")
                .number(grant.ticket())
                .raw(",\"token\":\"")
                .raw(token)
                .raw("\",\"fence\":")
                .number(grant.fence())
                .raw(",\"expires\":")
                .time(ends ? site.nowMs() + leftMs : grant.untilMs())
                .raw(",\"ttlMs\":");
        return ends ? json.number(leftMs).raw("}") : json.raw("null}");
    }

    @Override
    public void queued(TicketWait wait, long ticket, int ahead, long untilMs) {
        queued(wait.call, wait.pool, wait.id, ticket, ahead, untilMs);
    }

    /// 202, with the place as it is now.
    void queued(Call call, String pool, RequestId id, long ticket, int ahead, long untilMs) {
        site.look(
                call.loop,
                table -> Place.of(table, id, pool),
                place -> {
                    int before = place == null ? ahead : place.aheadOr(ahead);
                    String own = "/api/v1/pools/" + Percent.encode(pool) + "/locks/" + id.text();
                    if (!call.answered()) {
                        call.request.response().putHeader(HttpHeaders.LOCATION, own);
                    }
                    Json json =
                            call.json()
                                    .raw("{\"state\":\"queued\",\"pool\":")
                                    .text(pool)
                                    .raw(",\"ticket\":")
                                    .number(ticket)
                                    .raw(",\"token\":\"")
                                    .raw(id.text())
                                    .raw("\",");
                    position(json, place, before);
                    call.answer(202, json.raw(",\"until\":").time(untilMs).raw("}"));
                });
    }

    /// `"position":3,"estimateMs":12000`
    static void position(Json json, @Nullable Place place, int ahead) {
        json.raw("\"position\":").number(ahead + 1L).raw(",\"estimateMs\":");
        long estimateMs = place == null ? 0 : place.estimateMs(ahead);
        if (estimateMs == 0) {
            json.raw("null");
        } else {
            json.number(estimateMs);
        }
    }

    /// Where a ticket stands.
    ///
    /// @param ticket empty when it is gone
    record Place(Optional<TicketView> ticket, Optional<PoolView> pool) {
        static Place of(TableView table, RequestId id, String pool) {
            return new Place(table.ticket(id), table.pool(pool));
        }

        int aheadOr(int otherwise) {
            return ticket.map(TicketView::ahead).orElse(otherwise);
        }

        /// How long until the grant, if all hold as long as holders did lately; 0: not known.
        long estimateMs(int ahead) {
            return pool.map(p -> p.meanHoldMs() * (ahead + 1) / Math.max(1, p.slots())).orElse(0L);
        }
    }

    @Override
    public void refused(TicketWait wait, Refusal why) {
        problem(wait, Problem.of(why), Problem.advice(why));
    }

    @Override
    public void failed(TicketWait wait, Problem problem, String why) {
        problem(wait, problem, why);
    }

    private static void problem(TicketWait wait, Problem problem, String detail) {
        Optional<EventStream> stream = wait.stream();
        if (stream.isPresent()) {
            Json json = wait.call.json().raw("event: failed\ndata: ");
            stream.get().send(Call.problem(json, problem, detail).raw("\n\n").done());
            stream.get().end();
        } else {
            wait.call.problem(problem, detail);
        }
    }
}
