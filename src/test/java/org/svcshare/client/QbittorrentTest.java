package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.svcshare.config.ClientSettings;
import org.svcshare.config.Secret;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class QbittorrentTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "qbittorrent";
        }

        @Override
        String name() {
            return "qBittorrent";
        }
    }

    @Nested
    final class Version_4_6_7 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v4.6.7", "2.9.3");
        }
    }

    @Nested
    final class Version_5_0_0 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v5.0.0", "2.11.2");
        }
    }

    @Nested
    final class Version_5_1_4 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v5.1.4", "2.11.4");
        }
    }

    @Nested
    final class Version_5_2_1 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v5.2.1", "2.15.1");
        }
    }

    private final FakeQbittorrent fake = new FakeQbittorrent("v5.2.1", "2.15.1");

    @AfterEach
    void stop() {
        fake.close();
    }

    private ClientProgram open(ClientProgramContract.Memory memory) {
        return ClientPrograms.open(
                ClientProgramContract.settings(
                        "qbittorrent",
                        Optional.of(fake.url()),
                        FakeProgram.USER,
                        Optional.of(new Secret(FakeProgram.PASSWORD))),
                memory);
    }

    private ClientProgram open() {
        return open(new ClientProgramContract.Memory());
    }

    @Test
    void given_a_wrong_password_then_it_logs_in_once_only_so_as_not_to_be_banned() {
        fake.password = "changed";
        try (ClientProgram program = open()) {
            for (int i = 0; i < 10; i++) {
                var e = assertThrows(ClientException.class, program::snapshot);
                assertEquals(Kind.UNAUTHORISED, e.kind());
            }
        }
        assertEquals(1, fake.called("auth/login"));
    }

    @Test
    void given_an_api_key_then_it_never_logs_in() throws Exception {
        fake.apiKey = "qbt_0123456789abcdef0123456789ab";
        fake.add("a", 5);
        var settings =
                ClientProgramContract.settings(
                        "qbittorrent", Optional.of(fake.url()), "", Optional.empty());
        var keyed =
                new ClientSettings(
                        settings.type(),
                        settings.url(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new Secret("qbt_0123456789abcdef0123456789ab")),
                        Optional.empty(),
                        settings.tls(),
                        settings.pollEvery(),
                        settings.timeout(),
                        settings.exec());
        try (ClientProgram program =
                ClientPrograms.open(keyed, new ClientProgramContract.Memory())) {
            program.pause();
            assertFalse(fake.loads());
            fake.apiKey = "another";
            var e = assertThrows(ClientException.class, program::snapshot);
            assertEquals(Kind.UNAUTHORISED, e.kind());
        }
        assertEquals(0, fake.called("auth/login"));
    }

    @Test
    void given_an_address_that_needs_no_login_then_it_does_not_log_in() throws Exception {
        fake.loginFree = true;
        try (ClientProgram program = open()) {
            assertEquals(0, program.snapshot().totalMb());
        }
        assertEquals(0, fake.called("auth/login"));
    }

    @Test
    void given_a_session_that_ended_then_it_logs_in_again() throws Exception {
        fake.add("a", 5);
        try (ClientProgram program = open()) {
            program.snapshot();
            fake.restart();
            program.pause();
            assertFalse(fake.loads());
        }
        assertEquals(2, fake.called("auth/login"));
    }

    @Test
    void given_methods_of_another_version_then_the_other_names_are_tried() throws Exception {
        fake.add("a", 5);
        fake.pretendMethodsOf(9);
        try (ClientProgram program = open()) {
            program.pause();
            assertFalse(fake.loads());
            fake.pretendMethodsOf(15);
            program.resume();
            assertTrue(fake.loads());
        }
    }

    @Test
    void given_a_forced_torrent_then_it_is_forced_again_after_a_pause_and_a_restart_of_ours()
            throws Exception {
        var memory = new ClientProgramContract.Memory();
        fake.add("forced", 5).forced = true;
        fake.add("other", 5);
        try (ClientProgram program = open(memory)) {
            program.pause();
            fake.named("forced").forced = false; // as the list no longer tells
        }
        try (ClientProgram program = open(memory)) {
            program.pause();
            program.resume();
        }
        assertTrue(fake.named("forced").forced);
        assertFalse(fake.named("other").forced);
    }

    @Test
    void given_5_2_when_a_link_is_enqueued_then_its_hash_comes_back() throws Exception {
        try (ClientProgram program = open()) {
            List<String> taken = program.enqueue(List.of("https://example.org/a.torrent"));
            assertEquals(List.of(fake.jobs.getFirst().id), taken);
        }
    }
}
