package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.Secret;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class SabnzbdTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "sabnzbd";
        }

        @Override
        String name() {
            return "SABnzbd";
        }

        @Override
        boolean probeNeedsLogin() {
            return false;
        }

        @Override
        boolean takesIds() {
            return true;
        }
    }

    @Nested
    final class Today extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeSabnzbd(false);
        }

        @Override
        boolean loadsForced() {
            return true;
        }
    }

    @Nested
    final class As_0_3_knew_it extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeSabnzbd(true);
        }

        @Override
        boolean pausesItems() {
            return false;
        }
    }

    private final FakeSabnzbd fake = new FakeSabnzbd(false);

    @AfterEach
    void stop() {
        fake.close();
    }

    private ClientProgram open(ClientProgramContract.Memory memory) {
        return ClientPrograms.open(
                ClientProgramContract.settings(
                        "sabnzbd",
                        Optional.of(fake.url()),
                        FakeProgram.USER,
                        Optional.of(new Secret(FakeProgram.PASSWORD))),
                memory);
    }

    private ClientProgram open() {
        return open(new ClientProgramContract.Memory());
    }

    /// What ended the process of 0.3: see D4 of its protocol notes.
    @Test
    void given_plain_error_text_to_qstatus_then_it_is_a_failure_and_no_more() throws Exception {
        try (ClientProgram program = open()) {
            for (String text : List.of("error: disk full\n", "gone fishing", "", "\"ok\"", "[]")) {
                fake.says = text;
                var e = assertThrows(ClientException.class, program::snapshot, text);
                assertTrue(e.kind() == Kind.REJECTED || e.kind() == Kind.MALFORMED, e.toString());
            }
            fake.says = null;
            assertEquals(0, program.snapshot().totalMb());
        }
    }

    @Test
    void given_json_to_pause_then_it_is_understood_or_a_failure() throws Exception {
        try (ClientProgram program = open()) {
            fake.says = "{\"status\": true}";
            program.pause();
            program.resume();
            for (String text :
                    List.of(
                            "{\"status\": false, \"error\": \"no\"}",
                            "{}",
                            "[1]",
                            "true",
                            "{\"status\"",
                            "{\"error\": null}")) {
                fake.says = text;
                assertThrows(ClientException.class, program::pause, text);
                assertThrows(ClientException.class, program::resume, text);
                assertThrows(ClientException.class, () -> program.enqueue(List.of("123456")), text);
            }
        }
    }

    @Test
    void given_the_api_elsewhere_then_it_is_found() throws Exception {
        fake.api = "/api";
        try (ClientProgram program = open()) {
            assertEquals("SABnzbd", program.probe().name());
            program.pause();
            assertTrue(fake.paused);
        }
    }

    @Test
    void given_a_base_path_in_the_url_then_the_api_is_below_it() throws Exception {
        fake.api = "/news/sab/api";
        try (ClientProgram program =
                ClientPrograms.open(
                        ClientProgramContract.settings(
                                "sabnzbd",
                                Optional.of(fake.url().resolve("/news/sab/")),
                                "",
                                Optional.of(new Secret(FakeProgram.PASSWORD))),
                        new ClientProgramContract.Memory())) {
            assertEquals(0, program.snapshot().totalMb());
        }
    }

    @Test
    void given_the_key_echoed_in_a_page_then_it_is_not_told() {
        try (ClientProgram program = open()) {
            fake.says = "no such thing: apikey=" + FakeProgram.PASSWORD;
            var e = assertThrows(ClientException.class, program::snapshot);
            assertTrue(String.valueOf(e.getMessage()).contains("apikey=***"), e.getMessage());
        }
    }

    @Test
    void given_a_server_on_penalty_and_a_forced_job_when_checked_then_both_are_warned_of()
            throws Exception {
        fake.serverError = "Too many connections\u0007";
        fake.add("forced", 40).forced = true;
        try (ClientProgram program = open()) {
            List<String> warnings = ClientCheck.run(program).warnings();
            assertEquals(2, warnings.size(), warnings.toString());
            assertTrue(warnings.get(0).contains("40.0 MB"), warnings.toString());
            assertEquals("news server news.example.org: Too many connections", warnings.get(1));
        }
    }
}
