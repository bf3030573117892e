package org.svcshare.client;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.svcshare.turn.QueueSnapshot;

/// A client program whose calls are counted and timed. The counts may be read by any thread.
public final class CountedClient implements ClientProgram {
    private static final String OK = "ok";
    private static final String FAILED = "failed";

    private final ClientProgram client;
    private final Map<What, Map<String, Count>> counts = new EnumMap<>(What.class);

    private enum What {
        PROBE,
        QUEUE,
        PAUSE,
        RESUME,
        ENQUEUE,
        LIMIT
    }

    private record Count(LongAdder calls, LongAdder nanos) {}

    /// Calls that ended alike, since the process began.
    ///
    /// @param call probe, queue, pause, resume, enqueue or limit
    /// @param outcome ok, a [ClientException.Kind] in small letters, or failed
    public record Calls(String call, String outcome, long count, long nanos) {}

    private interface Asked<T> {
        T ask() throws ClientException, InterruptedException;
    }

    public CountedClient(ClientProgram client) {
        this.client = client;
        List<String> outcomes =
                Stream.concat(
                                Stream.of(OK, FAILED),
                                Stream.of(ClientException.Kind.values()).map(CountedClient::text))
                        .toList();
        for (What what : What.values()) {
            var byOutcome = new LinkedHashMap<String, Count>();
            outcomes.forEach(
                    outcome -> byOutcome.put(outcome, new Count(new LongAdder(), new LongAdder())));
            counts.put(what, byOutcome);
        }
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// What has happened; what never has is left out.
    public List<Calls> calls() {
        return counts.entrySet().stream()
                .flatMap(what ->
                        what.getValue().entrySet().stream()
                                .map(count ->
                                        new Calls(
                                                text(what.getKey()),
                                                count.getKey(),
                                                count.getValue().calls.sum(),
                                                count.getValue().nanos.sum())))
                .filter(calls -> calls.count() > 0)
                .toList();
    }

    private <T> T count(What what, Asked<T> asked) throws ClientException, InterruptedException {
        long began = System.nanoTime();
        String outcome = FAILED;
        try {
            T answer = asked.ask();
            outcome = OK;
            return answer;
        } catch (ClientException e) {
            outcome = text(e.kind());
            throw e;
        } finally {
            Map<String, Count> byOutcome = counts.getOrDefault(what, Map.of());
            Count count = byOutcome.get(outcome);
            if (count != null) {
                count.nanos.add(System.nanoTime() - began);
                count.calls.increment();
            }
        }
    }

    @Override
    public Probe probe() throws ClientException, InterruptedException {
        return count(What.PROBE, client::probe);
    }

    @Override
    public QueueSnapshot snapshot() throws ClientException, InterruptedException {
        return count(What.QUEUE, client::snapshot);
    }

    @Override
    public void pause() throws ClientException, InterruptedException {
        count(
                What.PAUSE,
                () -> {
                    client.pause();
                    return this;
                });
    }

    @Override
    public void resume() throws ClientException, InterruptedException {
        count(
                What.RESUME,
                () -> {
                    client.resume();
                    return this;
                });
    }

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException, InterruptedException {
        return count(What.ENQUEUE, () -> client.enqueue(ids));
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException, InterruptedException {
        count(
                What.LIMIT,
                () -> {
                    client.limit(bytesPerSecond);
                    return this;
                });
    }

    @Override
    public boolean asked() {
        return client.asked();
    }

    @Override
    public void close() {
        client.close();
    }
}
