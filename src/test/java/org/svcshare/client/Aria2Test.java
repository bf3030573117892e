package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.svcshare.config.Secret;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class Aria2Test {

    @Nested
    final class With_a_secret extends ClientProgramContract {
        @Override
        FakeProgram fake() {
            return new FakeAria2(true);
        }

        @Override
        String type() {
            return "aria2";
        }

        @Override
        String name() {
            return "aria2";
        }
    }

    private final FakeAria2 fake = new FakeAria2(false);

    @AfterEach
    void stop() {
        fake.close();
    }

    private ClientProgram open(ClientProgramContract.Memory memory) {
        return ClientPrograms.open(
                ClientProgramContract.settings(
                        "aria2",
                        Optional.of(fake.url()),
                        FakeProgram.USER,
                        Optional.of(new Secret(FakeProgram.PASSWORD))),
                memory);
    }

    private ClientProgram open() {
        return open(new ClientProgramContract.Memory());
    }

    @Test
    void given_no_secret_there_then_our_token_does_not_matter() throws Exception {
        fake.add("a", 5).loading = true;
        try (ClientProgram program = open()) {
            program.pause();
            assertFalse(fake.loads());
            program.resume();
            assertTrue(fake.loads());
        }
    }

    @Test
    void given_an_info_hash_then_it_becomes_a_magnet() throws Exception {
        try (ClientProgram program = open()) {
            program.enqueue(List.of("0123456789abcdef0123456789abcdef01234567"));
            assertEquals(
                    "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567",
                    fake.jobs.getFirst().name);
        }
    }
}
