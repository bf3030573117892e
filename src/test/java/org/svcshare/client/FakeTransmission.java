package org.svcshare.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Transmission 4.0, which knows the old dialect only, or 4.1, here with the new one only.
final class FakeTransmission extends FakeProgram {
    private static final Set<String> OLD_LISTED =
            Set.of("hashString", "status", "leftUntilDone", "metadataPercentComplete");
    private static final Set<String> NEW_LISTED =
            Set.of("hash_string", "status", "left_until_done", "metadata_percent_complete");

    private final boolean jsonRpc2;
    volatile String session = "s-1";

    FakeTransmission(boolean jsonRpc2) {
        this.jsonRpc2 = jsonRpc2;
    }

    @Override
    void restart() {
        session = "s-" + newId();
    }

    @Override
    Reply answer(Question question) {
        if (!question.path().equals("/transmission/rpc")) {
            return Reply.of(404, "");
        }
        if (!question.basic(USER, password)) {
            return Reply.of(401, "<h1>401: Unauthorized</h1>");
        }
        if (!session.equals(question.header("X-Transmission-Session-Id"))) {
            Reply reply =
                    Reply.of(409, "<h1>409: Conflict</h1>")
                            .with("X-Transmission-Session-Id", session);
            return jsonRpc2 ? reply.with("X-Transmission-Rpc-Version", "6.0.0") : reply;
        }
        JsonNode call = question.json();
        if (call.has("jsonrpc") != jsonRpc2) {
            return Reply.of(400, "the wrong dialect");
        }
        String method = call.get("method").asString();
        calls.add(method);
        JsonNode arguments = call.get(jsonRpc2 ? "params" : "arguments");
        ObjectNode answer = JSON.createObjectNode();
        try {
            ObjectNode result = run(method.replace('_', '-'), method, arguments);
            if (jsonRpc2) {
                answer.put("jsonrpc", "2.0").put("id", 1).set("result", result);
            } else {
                answer.put("result", "success").put("tag", 1).set("arguments", result);
            }
        } catch (IllegalArgumentException e) {
            if (jsonRpc2) {
                answer.putObject("error")
                        .put("code", 1)
                        .put("message", "failed")
                        .putObject("data")
                        .put("error_string", e.getMessage());
            } else {
                answer.put("result", e.getMessage());
            }
        }
        return Reply.of(answer);
    }

    private ObjectNode run(String known, String method, JsonNode arguments) {
        if (method.equals(known) == jsonRpc2) {
            throw new IllegalArgumentException("method name not recognized");
        }
        ObjectNode result = JSON.createObjectNode();
        switch (known) {
            case "session-get" -> result.put("version", jsonRpc2 ? "4.1.0 (x)" : "4.0.6 (x)");
            case "session-stats" ->
                    result.put(jsonRpc2 ? "download_speed" : "downloadSpeed", speedBps);
            case "torrent-get" -> list(arguments, result.putArray("torrents"));
            case "torrent-stop" -> steer(arguments, true);
            case "torrent-start" -> steer(arguments, false);
            case "torrent-add" -> {
                String name = arguments.get("filename").asString();
                if (name.contains("refused")) {
                    throw new IllegalArgumentException("invalid or corrupt torrent file");
                }
                Job job = add(name, 0);
                job.unknown = true;
                result.putObject(jsonRpc2 ? "torrent_added" : "torrent-added")
                        .put(jsonRpc2 ? "hash_string" : "hashString", job.id);
            }
            case "session-set" -> {
                String limit = jsonRpc2 ? "speed_limit_down" : "speed-limit-down";
                boolean enabled =
                        arguments.get(limit + (jsonRpc2 ? "_enabled" : "-enabled")).booleanValue();
                limitBps = enabled ? arguments.get(limit).asLong() * 1000 : 0;
            }
            default -> throw new IllegalArgumentException("method name not recognized");
        }
        return result;
    }

    private void steer(JsonNode arguments, boolean stop) {
        JsonNode ids = arguments.get("ids");
        if (ids == null || ids.isEmpty()) {
            jobs.forEach(j -> j.stopped = stop); // none means all
            return;
        }
        List<String> hashes = new ArrayList<>();
        ids.forEach(id -> hashes.add(id.asString()));
        byId(hashes).forEach(j -> j.stopped = stop);
    }

    private void list(JsonNode arguments, ArrayNode torrents) {
        for (JsonNode field : arguments.get("fields")) {
            if (!(jsonRpc2 ? NEW_LISTED : OLD_LISTED).contains(field.asString())) {
                throw new IllegalArgumentException("what is " + field + "?");
            }
        }
        for (Job job : jobs) {
            ObjectNode torrent = torrents.addObject();
            torrent.put(jsonRpc2 ? "hash_string" : "hashString", job.id);
            torrent.put("name", job.name);
            torrent.put("status", job.stopped ? 0 : job.loading ? 4 : 3);
            String left = jsonRpc2 ? "left_until_done" : "leftUntilDone";
            if (job.leftText != null) {
                torrent.put(left, job.leftText);
            } else {
                torrent.put(left, job.unknown ? 0 : job.leftBytes());
            }
            torrent.put(
                    jsonRpc2 ? "metadata_percent_complete" : "metadataPercentComplete",
                    job.unknown ? 0.5 : 1.0);
        }
        ObjectNode seeds = torrents.addObject();
        seeds.put(jsonRpc2 ? "hash_string" : "hashString", "feed");
        seeds.put("status", 6).put(jsonRpc2 ? "left_until_done" : "leftUntilDone", 0);
        seeds.put(jsonRpc2 ? "metadata_percent_complete" : "metadataPercentComplete", 1);
    }
}
