package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.Reply;

/// The clients of writes: who waits for which, and what those hear who send one again. For the
/// thread that owns the replicas.
final class WriteDesk {
    /// The write was handed in before, and is not in the log yet.
    static final Refusal UNDER_WAY =
            Refusal.later(
                    HttpResponseStatus.CONFLICT,
                    "The write is under way",
                    "a write with this idempotency key is just being written down");

    private static final String NOT_TAKEN = "The write was not taken";
    private static final int FAILURE = 500;
    private static final int MOST_LATE = 100_000;
    private static final NodeAddress NOBODY = new NodeAddress("none", 1);

    private final int mostUnderWay;
    private final KeyTable keys;

    /// Those that a client waits for, by position.
    private final Map<Long, Waiting> waiting = new HashMap<>();

    /// Positions of writes whose clients chose a key, until their outcome is known for good.
    private final Map<Long, String> keyed =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
                    return size() > KeyTable.MOST;
                }
            };

    /// Writes whose clients were told that they go on, and may ask: their outcomes, 0 while there
    /// is none. The oldest are forgotten.
    private final Map<Long, Integer> late =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
                    return size() > MOST_LATE;
                }
            };

    private int underWay;

    /// Those who wait for one write.
    static final class Waiting {
        final WriteRequest request;
        private final List<WriteClient> clients = new ArrayList<>();
        private final Map<NodeAddress, NodeAnswer> answers = new HashMap<>();

        private Waiting(WriteRequest request, WriteClient first) {
            this.request = request;
            clients.add(first);
        }
    }

    WriteDesk(int mostUnderWay, KeyTable keys) {
        this.mostUnderWay = mostUnderWay;
        this.keys = keys;
    }

    static Refusal notTaken(String why) {
        return Refusal.later(HttpResponseStatus.SERVICE_UNAVAILABLE, NOT_TAKEN, why);
    }

    static boolean isNotTaken(Refusal refusal) {
        return refusal.title().equals(NOT_TAKEN);
    }

    KeyTable keys() {
        return keys;
    }

    /// How many writes wait for their answers.
    int underWay() {
        return underWay;
    }

    Refusal tooMuch() {
        return tooMuch(underWay);
    }

    static Refusal tooMuch(int underWay) {
        return Refusal.later(
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                "Too many writes at once",
                "%,d writes wait for their answers".formatted(underWay));
    }

    boolean full() {
        return underWay >= mostUnderWay;
    }

    /// The same write, if it came before.
    Optional<KeyTable.Known> known(WriteRequest request) {
        return keys.has(request) ? keys.find(request.key()) : Optional.empty();
    }

    /// A write that is about to go into the log.
    Waiting begin(WriteRequest request, WriteClient client) {
        if (keys.has(request)) {
            keys.add(request);
        }
        underWay++;
        return new Waiting(request, client);
    }

    /// It did not get there.
    void failed(Waiting waits, Refusal refusal) {
        underWay--;
        if (keys.has(waits.request)) {
            keys.remove(waits.request.key());
        }
        waits.clients.forEach(client -> client.refused(refusal));
    }

    /// It did.
    void written(Waiting waits, long position) {
        waiting.put(position, waits);
        if (keys.has(waits.request)) {
            keys.find(waits.request.key()).ifPresent(known -> known.position = position);
            remember(position, waits.request);
        }
    }

    /// Nobody here finds out any more what becomes of what they wait for.
    void leave(Refusal why) {
        List<Waiting> all = List.copyOf(waiting.values());
        waiting.clear();
        underWay -= all.size();
        all.forEach(waits -> waits.clients.forEach(client -> client.refused(why)));
    }

    /// A write that came before, sent again.
    ///
    /// @param status what has become of it; 0 if that is not known
    void again(WriteRequest request, KeyTable.Known known, int status, WriteClient client) {
        if (known.fingerprint != request.fingerprint()) {
            client.refused(
                    Refusal.of(
                            HttpResponseStatus.UNPROCESSABLE_ENTITY,
                            "Another write has this key",
                            "the idempotency key was used for another method, target or body"));
            return;
        }
        if (known.position == 0) {
            client.refused(UNDER_WAY);
            return;
        }
        Waiting waits = waiting.get(known.position);
        if (waits != null) {
            waits.clients.add(client);
            return;
        }
        Reply reply =
                status == 0 ? new Reply.Later(Map.of(), 0) : new Reply.Chosen(NOBODY, status, 0, 0);
        client.answered(
                new WriteClient.Receipt(known.position, known.id(), true), reply, known.answer);
    }

    /// Whether somebody waits for what a node says to a write.
    boolean awaited(long position) {
        return waiting.containsKey(position);
    }

    /// What a node said.
    void answered(long position, NodeAddress node, NodeAnswer answer) {
        Waiting waits = waiting.get(position);
        if (waits != null) {
            waits.answers.put(node, answer);
        }
    }

    /// Tells those who wait.
    void tell(long position, Reply reply) {
        Waiting waits = waiting.remove(position);
        if (waits == null) {
            return;
        }
        underWay--;
        @Nullable NodeAnswer answer = null;
        if (reply instanceof Reply.Chosen chosen) {
            answer = waits.answers.get(chosen.from());
            if (keys.has(waits.request)) {
                keys.answered(waits.request.key(), chosen.status(), answer);
            }
        } else {
            late.putIfAbsent(position, 0);
        }
        boolean repeated = false;
        for (WriteClient client : waits.clients) {
            var receipt = new WriteClient.Receipt(position, waits.request.id(position), repeated);
            client.answered(receipt, reply, answer);
            repeated = true;
        }
    }

    /// The nodes have agreed.
    ///
    /// @return whether somebody may ask what on, so that it has to be remembered
    boolean agreed(long position, int status) {
        boolean key = agreedOn(position, status);
        boolean asked = late.computeIfPresent(position, (_, _) -> status) != null;
        return key || asked;
    }

    private boolean agreedOn(long position, int status) {
        // What all have failed one may yet do.
        String key = status < FAILURE ? keyed.remove(position) : keyed.get(position);
        if (key != null) {
            keys.agreed(key, status);
        }
        return key != null;
    }

    /// What was agreed on, where it was remembered; 0 otherwise.
    int outcome(long position, WriteRequest request) {
        int status = late.getOrDefault(position, 0);
        return status != 0
                ? status
                : keys.find(request.key())
                        .filter(known -> known.position == position)
                        .map(known -> known.status)
                        .orElse(0);
    }

    /// As it was before a restart.
    void restoreOutcome(long position, int status) {
        agreedOn(position, status);
        late.put(position, status);
    }

    /// As they were before a restart: what is agreed on of these comes later.
    void restoreKeys() {
        keys.each((key, known) -> {
            if (known.status == 0 || known.status >= FAILURE) {
                keyed.put(known.position, key);
            }
        });
    }

    /// As it was before a restart.
    void restoreWrite(long position, WriteRequest request) {
        if (!keys.has(request)) {
            return;
        }
        if (keys.find(request.key()).isEmpty()) {
            keys.add(request).position = position;
        }
        remember(position, request);
    }

    /// After a restart: nobody remembers what was said to writes that were done, but that.
    void restored(LongPredicate done) {
        keyed.entrySet()
                .removeIf(each -> {
                    boolean was = done.test(each.getKey());
                    if (was) {
                        keys.agreed(each.getValue(), HttpURLConnection.HTTP_OK);
                    }
                    return was;
                });
    }

    private void remember(long position, WriteRequest request) {
        if (request.ofClient()) {
            keyed.put(position, request.key());
        }
    }
}
