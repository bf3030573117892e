package org.svcshare.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.QueuedWrite;
import org.svcshare.replica.RequestKind;
import org.svcshare.replica.WriteView;

/// How replicas and the writes on their way to them look in JSON.
final class NodeJson {
    private static final int TAG_BYTES = 16;

    private NodeJson() {}

    /// @param now to tell how old the queue is
    static Json node(Json json, NodeView view, Instant now) {
        Node node = view.node();
        json.raw("{\"host\":")
                .text(node.address().host())
                .raw(",\"port\":")
                .number(node.address().port())
                .raw(",\"priority\":")
                .number(node.priority())
                .raw(",\"active\":")
                .flag(node.active())
                .raw(",\"maintenance\":")
                .flag(node.maintenance())
                .raw(",\"tls\":")
                .flag(node.tls())
                .raw(",\"weight\":")
                .number(node.weight())
                .raw(",\"state\":\"")
                .raw(word(view.state()))
                .raw("\",\"up\":")
                .flag(view.up())
                .raw(",\"readable\":")
                .flag(view.readable());
        if (!view.why().isEmpty()) {
            json.raw(",\"why\":").text(view.why());
        }
        json.raw(",\"queue\":{\"writes\":")
                .number(view.queueWrites())
                .raw(",\"bytes\":")
                .number(view.queueBytes());
        view.oldest().ifPresent(at -> json.raw(",\"oldest\":").time(at.toEpochMilli()));
        json.raw(",\"ageSeconds\":")
                .decimal(ageSeconds(view, now))
                .raw(",\"parked\":")
                .number(view.parked())
                .raw("},\"position\":")
                .number(view.position())
                .raw(",\"underWay\":")
                .number(view.underWay());
        view.lastError()
                .ifPresent(error ->
                        json.raw(",\"lastError\":{\"what\":")
                                .text(error.what())
                                .raw(",\"at\":")
                                .time(error.at().toEpochMilli())
                                .raw("}"));
        json.raw(",\"counts\":{");
        String comma = "";
        for (RequestKind kind : RequestKind.values()) {
            NodeCounts.Count count = view.counts().of(kind);
            json.raw(comma)
                    .raw("\"")
                    .raw(kind.name().toLowerCase(Locale.ROOT))
                    .raw("\":{\"success\":")
                    .number(count.success())
                    .raw(",\"failure\":")
                    .number(count.failure())
                    .raw(",\"queued\":")
                    .number(count.queued())
                    .raw("}");
            comma = ",";
        }
        return json.raw("}}");
    }

    /// How long the oldest write has been waiting; 0 for none, to the millisecond.
    static double ageSeconds(NodeView view, Instant now) {
        return view.oldest()
                .map(at -> Math.max(0, Duration.between(at, now).toMillis()) / 1000.0)
                .orElse(0.0);
    }

    static String word(NodeState state) {
        return switch (state) {
            case IN_STEP -> "in-step";
            case CATCHING_UP -> "catching-up";
            case BEHIND -> "behind";
            case OUT_OF_STEP -> "out-of-step";
            case INACTIVE -> "inactive";
        };
    }

    static Json queued(Json json, QueuedWrite write) {
        request(json, write.position(), write.method(), write.target())
                .raw(",\"bodyBytes\":")
                .number(write.bodyBytes())
                .raw(",\"at\":")
                .time(write.at().toEpochMilli())
                .raw(",\"parked\":")
                .flag(write.parked());
        if (!write.why().isEmpty()) {
            json.raw(",\"why\":").text(write.why());
        }
        return json.raw(",\"status\":").number(write.status()).raw("}");
    }

    private static Json request(Json json, long position, String method, String target) {
        return json.raw("{\"position\":")
                .number(position)
                .raw(",\"method\":")
                .text(method)
                .raw(",\"target\":")
                .text(target);
    }

    static Json write(Json json, WriteView write) {
        request(json, write.position(), write.method(), write.target())
                .raw(",\"at\":")
                .time(write.at().toEpochMilli())
                .raw(",\"outcome\":")
                .number(write.outcome())
                .raw(",\"everywhere\":")
                .flag(write.everywhere())
                .raw(",\"nodes\":{");
        var nodes = write.nodes().keySet().stream().sorted().toList();
        for (int i = 0; i < nodes.size(); i++) {
            json.raw(i == 0 ? "" : ",")
                    .text(nodes.get(i).toString())
                    .raw(":")
                    .number(write.nodes().getOrDefault(nodes.get(i), 0));
        }
        return json.raw("}}");
    }

    /// A strong entity tag of what operators set of these nodes; what they count does not change
    /// it.
    static String tag(List<Node> nodes) {
        String settings =
                nodes.stream()
                        .map(node ->
                                node.address()
                                        + " "
                                        + node.priority()
                                        + " "
                                        + node.active()
                                        + " "
                                        + node.maintenance()
                                        + " "
                                        + node.tls()
                                        + " "
                                        + node.weight())
                        .collect(Collectors.joining("\n"));
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(settings.getBytes(StandardCharsets.UTF_8));
            return "\"" + HexFormat.of().formatHex(digest, 0, TAG_BYTES) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
