package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.Secret;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class TransmissionTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "transmission";
        }

        @Override
        String name() {
            return "Transmission";
        }
    }

    @Nested
    final class Version_4_0 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeTransmission(false);
        }
    }

    @Nested
    final class Version_4_1 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeTransmission(true);
        }
    }

    private final FakeTransmission fake = new FakeTransmission(true);

    @AfterEach
    void stop() {
        fake.close();
    }

    private ClientProgram open(ClientProgramContract.Memory memory) {
        return ClientPrograms.open(
                ClientProgramContract.settings(
                        "transmission",
                        Optional.of(fake.url()),
                        FakeProgram.USER,
                        Optional.of(new Secret(FakeProgram.PASSWORD))),
                memory);
    }

    private ClientProgram open() {
        return open(new ClientProgramContract.Memory());
    }

    @Test
    void given_a_session_that_changes_all_the_time_then_each_call_goes_through() throws Exception {
        fake.add("a", 5);
        try (ClientProgram program = open()) {
            for (int i = 0; i < 3; i++) {
                fake.restart();
                assertEquals(5, program.snapshot().totalMb(), 0.01);
                fake.restart();
                program.pause();
                assertFalse(fake.loads());
                fake.restart();
                program.resume();
                assertTrue(fake.loads());
            }
        }
    }

    @Test
    void given_nothing_to_stop_then_stop_is_not_called_at_all() throws Exception {
        fake.add("mine", 5).stopped = true;
        try (ClientProgram program = open()) {
            program.pause();
            program.resume();
        }
        assertEquals(0, fake.called("torrent_stop"));
        assertEquals(0, fake.called("torrent_start"));
    }

    @Test
    void given_a_conflict_without_a_session_then_it_is_malformed() {
        fake.session = "bad\u00e9";
        try (ClientProgram program = open()) {
            var e = assertThrows(ClientException.class, program::snapshot);
            assertEquals(Kind.MALFORMED, e.kind());
        }
    }
}
