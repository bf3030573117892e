package org.svcshare.client;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// aria2 1.37, with a secret or without.
final class FakeAria2 extends FakeProgram {
    private final boolean secret;

    FakeAria2(boolean secret) {
        this.secret = secret;
    }

    @Override
    String newId() {
        return super.newId().substring(24);
    }

    /// An error, as it stands in answers.
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int code;

        Refusal(int code, String message) {
            super(message);
            this.code = code;
        }

        ObjectNode json() {
            return JSON.createObjectNode().put("code", code).put("message", getMessage());
        }
    }

    @Override
    Reply answer(Question question) {
        if (!question.path().equals("/jsonrpc")) {
            return Reply.of(404, "");
        }
        JsonNode call = question.json();
        ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0").put("id", "x");
        String method = call.get("method").asString();
        try {
            if (method.equals("system.multicall")) {
                ArrayNode results = JSON.createArrayNode();
                for (JsonNode one : call.get("params").get(0)) {
                    try {
                        results.addArray()
                                .add(run(one.get("methodName").asString(), one.get("params")));
                    } catch (Refusal e) {
                        results.remove(results.size() - 1);
                        results.add(e.json());
                    }
                }
                answer.set("result", results);
            } else {
                answer.set("result", run(method, call.get("params")));
            }
            return Reply.of(answer);
        } catch (Refusal e) {
            answer.set("error", e.json());
            return Reply.of(e.code == -32601 ? 404 : 400, answer.toString());
        }
    }

    private JsonNode run(String method, JsonNode params) {
        calls.add(method);
        int first = 0;
        boolean token = !params.isEmpty() && params.get(0).asString("").startsWith("token:");
        if (secret && !(token && params.get(0).asString().equals("token:" + password))) {
            throw new Refusal(1, "Unauthorized");
        }
        if (token) {
            first = 1;
        }
        return switch (method) {
            case "aria2.getVersion" -> JSON.createObjectNode().put("version", "1.37.0");
            case "aria2.getGlobalStat" ->
                    JSON.createObjectNode().put("downloadSpeed", Long.toString(speedBps));
            case "aria2.tellActive" ->
                    seeding(list(jobs.stream().filter(j -> j.loading && !j.stopped).toList()));
            case "aria2.tellWaiting" ->
                    list(
                            jobs.stream()
                                    .filter(j -> !j.loading || j.stopped)
                                    .skip(params.get(first).asLong())
                                    .limit(params.get(first + 1).asLong())
                                    .toList());
            case "aria2.forcePause" -> stop(params.get(first).asString(), true);
            case "aria2.unpause" -> stop(params.get(first).asString(), false);
            case "aria2.addUri" -> {
                String uri = params.get(first).get(0).asString();
                if (uri.contains("refused")) {
                    throw new Refusal(1, "No URI to download.");
                }
                Job job = add(uri, 0);
                job.unknown = true;
                yield JSON.getNodeFactory().stringNode(job.id);
            }
            case "aria2.changeGlobalOption" -> {
                limitBps =
                        Long.parseLong(
                                params.get(first).get("max-overall-download-limit").asString());
                yield JSON.getNodeFactory().stringNode("OK");
            }
            default -> throw new Refusal(-32601, "No such method: " + method);
        };
    }

    private JsonNode stop(String gid, boolean stop) {
        List<Job> found = byId(List.of(gid));
        if (found.isEmpty() || found.getFirst().stopped == stop) {
            throw new Refusal(1, "GID " + gid + " cannot be " + (stop ? "paused" : "unpaused"));
        }
        found.getFirst().stopped = stop;
        return JSON.getNodeFactory().stringNode(gid);
    }

    private static ArrayNode list(List<Job> jobs) {
        ArrayNode list = JSON.createArrayNode();
        for (Job job : jobs) {
            list.addObject()
                    .put("gid", job.id)
                    .put("status", job.stopped ? "paused" : job.loading ? "active" : "waiting")
                    .put("completedLength", job.leftText == null ? "0" : "-1")
                    .put(
                            "totalLength",
                            job.leftText != null
                                    ? job.leftText
                                    : Long.toString(job.unknown ? 0 : job.leftBytes()));
        }
        return list;
    }

    private static ArrayNode seeding(ArrayNode list) {
        list.addObject()
                .put("gid", "seeds")
                .put("status", "active")
                .put("seeder", "true")
                .put("totalLength", "1000")
                .put("completedLength", "1000");
        return list;
    }
}
