package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.turn.QueueSnapshot;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class ClientProgramsTest {

    private static ClientProgram open(String type, Optional<URI> url) {
        return ClientPrograms.open(
                ClientProgramContract.settings(type, url, "boss", Optional.empty()),
                new ClientProgramContract.Memory());
    }

    @Test
    void every_type_opens_also_without_a_url() {
        for (String type : ClientPrograms.types()) {
            open(type, Optional.empty()).close();
        }
        assertEquals(8, ClientPrograms.types().size());
    }

    @Test
    void given_an_unknown_type_then_the_message_lists_the_known_ones() {
        var e =
                assertThrows(
                        IllegalArgumentException.class, () -> open("napster", Optional.empty()));

        for (String type : ClientPrograms.types()) {
            assertTrue(String.valueOf(e.getMessage()).contains(type), e.getMessage());
        }
    }

    @Test
    void given_a_url_that_is_none_then_the_message_names_the_key() {
        for (String url : List.of("ftp://host/", "/jsonrpc", "host:6789", "http:///x")) {
            var e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> open("nzbget", Optional.of(URI.create(url))),
                            url);
            assertTrue(String.valueOf(e.getMessage()).contains("client.url"), e.getMessage());
        }
    }

    @Test
    void given_a_host_that_does_not_exist_then_it_is_unreachable() {
        try (ClientProgram program =
                open("nzbget", Optional.of(URI.create("http://no-such-host.invalid:1")))) {
            var e = assertThrows(ClientException.class, program::probe);
            assertEquals(Kind.UNREACHABLE, e.kind(), e.getMessage());
        }
    }

    @Test
    void given_proxy_then_there_is_nothing_to_ask_or_steer() throws Exception {
        try (ClientProgram program = open("proxy", Optional.empty())) {
            assertFalse(program.asked());
            assertEquals(QueueSnapshot.EMPTY, program.snapshot());
            program.resume();
            assertEquals(
                    Kind.UNSUPPORTED, assertThrows(ClientException.class, program::pause).kind());
            ClientCheck.Outcome outcome = ClientCheck.run(program);
            assertTrue(outcome.ok());
            assertEquals(1, outcome.warnings().size());
        }
    }
}
