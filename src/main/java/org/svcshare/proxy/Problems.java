package org.svcshare.proxy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.Reply;
import org.svcshare.replica.WriteView;
import tools.jackson.databind.json.JsonMapper;

/// What the proxy says itself, as JSON.
final class Problems {
    private static final JsonMapper JSON = new JsonMapper();

    private Problems() {}

    /// RFC 9457.
    static byte[] json(Refusal refusal) {
        var body = new LinkedHashMap<String, Object>();
        body.put("title", refusal.title());
        body.put("status", refusal.status().code());
        body.put("detail", refusal.detail());
        return json(body);
    }

    /// What a client reads whose write goes on.
    static Map<String, Object> later(WriteClient.Receipt receipt, Reply.Later reply) {
        var body = new LinkedHashMap<String, Object>();
        body.put("write", receipt.id());
        body.put("position", receipt.position());
        body.put("detail", "The write is kept and goes on; ask at Location how far it is.");
        body.put("answered", statuses(reply.statuses()));
        body.put("nodes", reply.asked());
        return body;
    }

    static Map<String, Object> split(WriteClient.Receipt receipt, Reply.Split reply) {
        var body = new LinkedHashMap<String, Object>();
        body.put("title", "The nodes answered differently");
        body.put("status", 502);
        body.put("detail", "Some nodes have done the write as others have not.");
        body.put("write", receipt.id());
        body.put("answered", statuses(reply.statuses()));
        return body;
    }

    static Map<String, Object> write(WriteView view) {
        var body = new LinkedHashMap<String, Object>();
        body.put("position", view.position());
        body.put("method", view.method());
        body.put("target", view.target());
        body.put("at", view.at().toString());
        body.put("outcome", view.outcome());
        body.put("everywhere", view.everywhere());
        body.put("nodes", statuses(view.nodes()));
        return body;
    }

    private static Map<String, Integer> statuses(Map<NodeAddress, Integer> statuses) {
        var texts = new LinkedHashMap<String, Integer>();
        statuses.forEach((node, status) -> texts.put(node.toString(), status));
        return texts;
    }

    static byte[] json(Map<String, ?> fields) {
        return JSON.writeValueAsBytes(fields);
    }
}
