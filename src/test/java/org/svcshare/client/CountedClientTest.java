package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.turn.QueueSnapshot;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CountedClientTest {
    /// Answers for its queue, cannot be reached for a pause, and has a mistake in resuming.
    private static class Moody implements ClientProgram {
        @Override
        public Probe probe() {
            return new Probe("moody", "1");
        }

        @Override
        public QueueSnapshot snapshot() {
            return QueueSnapshot.EMPTY;
        }

        @Override
        public void pause() throws ClientException {
            throw new ClientException(Kind.UNREACHABLE, "nobody there");
        }

        @Override
        public void resume() {
            throw new IllegalStateException("a mistake");
        }

        @Override
        public List<String> enqueue(List<String> ids) {
            return ids;
        }

        @Override
        public void limit(long bytesPerSecond) {}

        @Override
        public void close() {}
    }

    private static List<String> told(CountedClient client) {
        return client.calls().stream()
                .map(calls -> calls.call() + " " + calls.outcome() + " " + calls.count())
                .toList();
    }

    @Test
    void given_calls_when_they_end_then_each_is_counted_by_how_it_ended() throws Exception {
        try (var client = new CountedClient(new Moody())) {
            assertEquals(List.of(), client.calls());
            assertEquals(QueueSnapshot.EMPTY, client.snapshot());
            assertEquals(QueueSnapshot.EMPTY, client.snapshot());
            assertEquals(List.of("a"), client.enqueue(List.of("a")));
            assertThrows(ClientException.class, client::pause);
            assertThrows(IllegalStateException.class, client::resume);

            assertEquals(
                    List.of("queue ok 2", "pause unreachable 1", "resume failed 1", "enqueue ok 1"),
                    told(client));
            assertTrue(client.calls().stream().allMatch(calls -> calls.nanos() > 0));
        }
    }

    @Test
    void given_no_program_then_there_is_nothing_to_count() {
        try (var client = new CountedClient(new Proxy())) {
            assertThrows(ClientException.class, client::pause);

            assertEquals(List.of(), client.calls());
        }
    }
}
