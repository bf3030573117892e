package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.svcshare.config.Secret;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class NzbgetTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "nzbget";
        }

        @Override
        String name() {
            return "NZBGet";
        }

        @Override
        boolean loadsForced() {
            return true;
        }
    }

    @Nested
    final class Version_13 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeNzbget(13);
        }
    }

    @Nested
    final class Version_26 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeNzbget(26);
        }
    }

    private final FakeNzbget fake = new FakeNzbget(26);

    @AfterEach
    void stop() {
        fake.close();
    }

    private ClientProgram open(ClientProgramContract.Memory memory) {
        return ClientPrograms.open(
                ClientProgramContract.settings(
                        "nzbget",
                        Optional.of(fake.url()),
                        FakeProgram.USER,
                        Optional.of(new Secret(FakeProgram.PASSWORD))),
                memory);
    }

    private ClientProgram open() {
        return open(new ClientProgramContract.Memory());
    }

    @Test
    void given_more_items_than_fit_an_answer_then_the_totals_still_hold() throws Exception {
        fake.add("x".repeat(ClientHttp.MOST_BODY_BYTES), 12);
        fake.add("b", 3);
        try (ClientProgram program = open()) {
            assertEquals(15, program.snapshot().totalMb(), 0.01);
        }
    }

    @Test
    void given_sizes_over_4_GiB_then_both_halves_count() throws Exception {
        fake.add("a", 10_000.25);
        fake.speedBps = 5L << 30;
        try (ClientProgram program = open()) {
            assertEquals(10_000.25, program.snapshot().totalMb(), 0.01);
            assertEquals(5L << 30, program.snapshot().speedBps());
        }
    }

    @Test
    void given_26_when_an_archive_is_enqueued_then_its_boolean_answer_is_understood()
            throws Exception {
        try (ClientProgram program = open()) {
            String url = "https://example.org/many.zip";
            assertEquals(List.of(url), program.enqueue(List.of(url)));
        }
    }

    @Test
    void given_credentials_in_the_url_then_they_are_used_and_never_told() throws Exception {
        var url = URI.create(fake.url().toString().replace("//", "//boss:p%26ss%20w%C3%B6rd%2F1@"));
        try (ClientProgram program =
                ClientPrograms.open(
                        ClientProgramContract.settings(
                                "nzbget", Optional.of(url), "boss", Optional.empty()),
                        new ClientProgramContract.Memory())) {
            assertEquals("NZBGet", program.probe().name());
            fake.password = "another";
            var e = assertThrows(ClientException.class, program::probe);
            assertFalse(String.valueOf(e.getMessage()).contains("p%26ss"), e.getMessage());
            assertFalse(String.valueOf(e.getMessage()).contains("p&ss"), e.getMessage());
        }
    }

    @Test
    void given_a_link_that_is_being_fetched_then_it_counts_beside_what_is_known() throws Exception {
        fake.add("known", 20);
        fake.add("link", 0).unknown = true;
        try (ClientProgram program = open()) {
            assertEquals(21, program.snapshot().totalMb(), 0.01);
            assertEquals(1, program.snapshot().items());
        }
    }
}
