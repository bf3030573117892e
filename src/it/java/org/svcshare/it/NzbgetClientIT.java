package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.svcshare.turn.QueueSnapshot;

/// NZBGet without a news server that answers: its queue, its pause and its links are real, nothing
/// loads.
final class NzbgetClientIT extends ClientContractIT {

    @Override
    RealPart start(Path folder, int port) throws Exception {
        Path program = RealPart.find("nzbget");
        Path settings = folder.resolve("nzbget.conf");
        Files.writeString(
                settings,
                """
                MainDir=%s
                DestDir=${MainDir}/dst
                InterDir=${MainDir}/inter
                NzbDir=${MainDir}/nzb
                QueueDir=${MainDir}/queue
                TempDir=${MainDir}/tmp
                WebDir=
                ConfigTemplate=
                ControlIP=127.0.0.1
                ControlPort=%d
                ControlUsername=%s
                ControlPassword=%s
                OutputMode=log
                Server1.Active=yes
                Server1.Level=0
                Server1.Host=127.0.0.1
                Server1.Port=%d
                Server1.Encryption=no
                Server1.Connections=4
                ArticleRetries=30
                ArticleInterval=2
                UrlInterval=1
                Unpack=no
                DiskSpace=0
                """
                        .formatted(folder, port, USER, PASSWORD, RealPart.freePort()));
        return RealPart.start(
                folder,
                Map.of("HOME", folder.toString()),
                List.of(program.toString(), "-c", settings.toString(), "-s"));
    }

    @Override
    String type() {
        return "nzbget";
    }

    @Override
    String name() {
        return "NZBGet";
    }

    @Override
    URI link(String name) {
        return served("/" + name + ".nzb");
    }

    @Test
    @Override
    void steers_the_real_program() throws Exception {
        program().pause();
        assertTrue(program().snapshot().paused());
        assertEquals(0, program().snapshot().totalMb());

        String id = program().enqueue(List.of(link("first").toString())).getFirst();
        assertTrue(id.matches("\\d+"), id);
        untilQueue("first is known", () -> program().snapshot().totalMb() > 5);
        program().enqueue(List.of(link("second").toString()));
        untilQueue("second is known", () -> program().snapshot().items() == 1);
        QueueSnapshot queue = program().snapshot();
        assertEquals(24 * 500_000 / 1048576.0, queue.currentMb(), 0.2, queue.toString());
        assertEquals(queue.currentMb(), queue.restMb(), 0.01, queue.toString());
        assertEquals(0, queue.forcedMb());

        program().resume();
        assertFalse(program().snapshot().paused());
        program().pause();
        assertTrue(program().snapshot().paused());
        assertEquals(queue.totalMb(), program().snapshot().totalMb(), 0.01);
    }

    @Test
    @Override
    void what_the_user_paused_stays_paused_over_turns_and_restarts_of_ours() throws Exception {
        program().pause();
        program().enqueue(List.of(link("mine").toString()));
        untilQueue("mine is known", () -> program().snapshot().totalMb() > 5);
        pauseByHand(url(), "GroupPause");
        untilQueue("mine does not count", () -> program().snapshot().totalMb() == 0);

        program().resume();
        program().pause();
        program().resume();

        assertEquals(0, program().snapshot().totalMb());
        assertEquals(0, program().snapshot().items());
    }

    @Test
    void a_forced_item_is_told_apart() throws Exception {
        program().pause();
        program().enqueue(List.of(link("forced").toString()));
        untilQueue("forced is known", () -> program().snapshot().totalMb() > 5);

        pauseByHand(url(), "GroupSetPriority");

        untilQueue("it is forced", () -> program().snapshot().forcedMb() > 5);
        assertTrue(program().snapshot().paused());
    }

    /// @param command to all items
    @Override
    void pauseByHand(URI url, String command) throws Exception {
        String list = call(url, "{\"method\":\"listgroups\",\"params\":[0],\"id\":1}");
        var ids =
                Pattern.compile("\"NZBID\"\\s*:\\s*(\\d+)")
                        .matcher(list)
                        .results()
                        .map(m -> m.group(1))
                        .distinct()
                        .toList();
        String body =
                "{\"method\":\"editqueue\",\"params\":[\"%s\",\"%s\",%s],\"id\":1}"
                        .formatted(command, command.endsWith("Priority") ? "900" : "", ids);
        String answer = call(url, body);
        assertTrue(answer.contains("true"), answer);
    }

    private String call(URI url, String body) throws Exception {
        String pair =
                Base64.getEncoder()
                        .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        return ask(HttpRequest.newBuilder(url.resolve("/jsonrpc"))
                        .header("Authorization", "Basic " + pair)
                        .POST(BodyPublishers.ofString(body)))
                .body();
    }
}
