package org.svcshare.spawn;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.svcshare.config.Endpoint;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.Replicas;
import org.svcshare.replica.RequestKind;
import tools.jackson.databind.node.ObjectNode;

/// `/metrics` and `/info`.
final class Looks {
    private final Replicas replicas;
    private final Endpoint listen;
    private final String version;

    Looks(Replicas replicas, Endpoint listen, String version) {
        this.replicas = replicas;
        this.listen = listen;
        this.version = version;
    }

    /// GET /metrics
    void metrics(Call call) {
        call.text(200, table(replicas.nodes()));
    }

    /// One table for each node, by host and port. What spawn did not count is not in it; the room
    /// `web` has all.
    static String table(List<NodeView> nodes) {
        var text = new StringBuilder();
        nodes.stream()
                .sorted((a, b) -> a.node().address().compareTo(b.node().address()))
                .forEach(view -> table(text, view));
        return text.toString();
    }

    private interface Part {
        long of(NodeCounts.Count count);
    }

    private static void table(StringBuilder text, NodeView view) {
        text.append(text.isEmpty() ? "" : "\n").append(view.node().address()).append('\n');
        text.append(String.format(Locale.ROOT, "%-8s%20s%20s%20s\n", "", "GET", "SET", "DELETE"));
        row(text, "SUCCESS", view.counts(), NodeCounts.Count::success);
        row(text, "FAILURE", view.counts(), NodeCounts.Count::failure);
        row(text, "QUEUED", view.counts(), NodeCounts.Count::queued);
    }

    private static void row(StringBuilder text, String name, NodeCounts counts, Part part) {
        long set = part.of(counts.of(RequestKind.PUT)) + part.of(counts.of(RequestKind.POST));
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-8s%20d%20d%20d\n",
                        name,
                        part.of(counts.of(RequestKind.GET)),
                        set,
                        part.of(counts.of(RequestKind.DELETE))));
    }

    /// GET /info
    void info(Call call) {
        Runtime runtime = Runtime.getRuntime();
        double usedMb = (runtime.totalMemory() - runtime.freeMemory()) / 1048576.0;
        ObjectNode about = Json.object();
        about.put("Host", listen.host());
        ObjectNode now = about.putObject("Runtime");
        now.put("Compiler", "Java " + Runtime.version());
        now.put("CPU", runtime.availableProcessors());
        now.put("Memory", String.format(Locale.ROOT, "%.2fMB", usedMb));
        now.put("Threads", ManagementFactory.getThreadMXBean().getThreadCount());
        ObjectNode release = about.putObject("Release");
        release.put("Number", version);
        release.put("Date", "");
        ObjectNode whole = Json.object();
        whole.set("Spawn Sync Service", about);
        call.answer(200, whole);
    }
}
