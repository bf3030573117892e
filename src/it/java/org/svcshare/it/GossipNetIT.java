package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members each on a machine of its own, as far as their network is concerned. A cable is
/// unplugged: what is sent vanishes. In the meantime both sides go on.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GossipNetIT {
    private static final Duration LIMIT = MemberProcess.LIMIT;
    private static final int PORT = 5555;

    @TempDir private Path folder;
    @TempDir private Path certificates;

    @Test
    void given_a_group_that_is_split_when_it_is_whole_again_then_all_hold_the_later_writes()
            throws Exception {
        List<String> names = List.of("n1", "n2", "n3");
        var all = new ArrayList<MemberProcess>();
        try (var net = new Namespaces(certificates, names);
                var http = HttpClient.newHttpClient()) {
            try {
                for (String name : names) {
                    all.add(
                            new MemberProcess(
                                            http,
                                            folder,
                                            name,
                                            net.http(name),
                                            net.host(name) + ":" + PORT,
                                            List.of(net.host("n1") + ":" + PORT),
                                            "gossip.secret = \"" + "5ec2e7".repeat(11) + "\"")
                                    .start(net.within(name)));
                }
                MemberProcess.together(all);
                splitAndHeal(net, all);
            } finally {
                all.forEach(MemberProcess::close);
            }
        }
    }

    private static void splitAndHeal(Namespaces net, List<MemberProcess> all) throws Exception {
        MemberProcess alone = all.get(2);
        List<MemberProcess> rest = all.subList(0, 2);
        alone.put("both", "0");
        alone.put("removed", "0");
        hold(all, Map.of("both", "0", "removed", "0"));

        net.unplug("n3");
        for (MemberProcess one : rest) {
            await(one.name + " notices").atMost(LIMIT).until(() -> one.alive() == 2);
        }
        await("n3 notices").atMost(LIMIT).until(() -> alone.alive() == 1);
        rest.get(0).put("both", "1");
        rest.get(1).remove("removed");
        rest.get(0).put("here", "1");
        alone.put("there", "2");
        alone.put("both", "2");
        assertEquals("failed", rest.get(0).members().get("n3"));

        net.plugIn("n3");

        hold(all, Map.of("both", "2", "here", "1", "there", "2"));
        MemberProcess.together(all);
    }

    private static void hold(List<MemberProcess> all, Map<String, String> expected) {
        for (MemberProcess one : all) {
            await(one.name + " holds " + expected)
                    .atMost(LIMIT)
                    .until(() -> one.store().equals(new TreeMap<>(expected)));
        }
    }
}
