package org.svcshare.client;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// NZBGet from 13 to 26.
final class FakeNzbget extends FakeProgram {
    private final int version;

    FakeNzbget(int version) {
        this.version = version;
    }

    @Override
    boolean loads() {
        return super.loads() || jobs.stream().anyMatch(j -> j.forced && !j.stopped);
    }

    @Override
    Reply answer(Question question) {
        if (!question.path().equals("/jsonrpc")) {
            return Reply.of(404, "<html>not found</html>");
        }
        if (!question.basic(USER, password)) {
            return Reply.of(401, "");
        }
        String body = question.body();
        if (body.indexOf("\"method\"") > body.indexOf("\"params\"")) {
            return Reply.of(error(4, "Parse error"));
        }
        JsonNode call = question.json();
        String method = call.get("method").asString();
        JsonNode params = call.get("params");
        calls.add(method);
        return switch (method) {
            case "version" -> Reply.of(result(JSON.getNodeFactory().stringNode(version + ".0")));
            case "status" -> Reply.of(result(status()));
            case "listgroups" -> Reply.of(result(groups()));
            case "pausedownload" -> pause(true);
            case "resumedownload" -> pause(false);
            case "rate" -> {
                limitBps = params.get(0).asLong() * 1024;
                yield Reply.of(result(JSON.getNodeFactory().booleanNode(true)));
            }
            // 21 reads on behind the list and takes the text "id" for one more parameter.
            case "append" ->
                    Reply.of(
                            body.indexOf("\"id\"") > body.indexOf("\"params\"")
                                    ? error(2, "Invalid parameter (Parameters)")
                                    : append(params));
            default -> Reply.of(error(1, "Invalid procedure"));
        };
    }

    private Reply pause(boolean on) {
        paused = on;
        return Reply.of(result(JSON.getNodeFactory().booleanNode(true)));
    }

    private JsonNode append(JsonNode params) {
        // A tenth parameter is pairs of names and values in 16, a boolean in 25.2.
        if (params.size() != 9
                || !params.get(3).isNumber()
                || !params.get(4).isBoolean()
                || !params.get(8).isString()) {
            return error(2, "Invalid parameter");
        }
        String url = params.get(1).asString();
        if (url.contains("refused")) {
            return result(JSON.getNodeFactory().numberNode(0));
        }
        Job job = add(url, 0);
        job.unknown = true;
        return version >= 26 && url.endsWith(".zip")
                ? result(JSON.getNodeFactory().booleanNode(true))
                : result(JSON.getNodeFactory().numberNode(jobs.size()));
    }

    private ObjectNode status() {
        ObjectNode status = JSON.createObjectNode();
        double left =
                jobs.stream()
                        .filter(j -> !j.stopped && !j.unknown && j.leftText == null)
                        .mapToDouble(j -> j.leftMb)
                        .sum();
        double forced = jobs.stream().filter(j -> j.forced).mapToDouble(j -> j.leftMb).sum();
        size(status, "RemainingSize", left);
        jobs.stream()
                .filter(j -> j.leftText != null)
                .forEach(j -> {
                    status.put("RemainingSizeLo", j.leftText);
                    status.put("RemainingSizeHi", 0);
                });
        size(status, "ForcedSize", forced);
        status.put("DownloadRate", Math.min(speedBps, Integer.MAX_VALUE));
        if (version >= 24) {
            status.put("DownloadRateLo", speedBps & 0xffffffffL);
            status.put("DownloadRateHi", speedBps >>> 32);
        }
        status.put("DownloadPaused", paused);
        return status;
    }

    private ArrayNode groups() {
        ArrayNode list = JSON.createArrayNode();
        int id = 0;
        for (Job job : jobs) {
            ObjectNode group = list.addObject();
            group.put("NZBID", ++id);
            group.put("NZBName", job.name);
            group.put("Kind", job.unknown ? "URL" : "NZB");
            group.put("Status", job.stopped ? "PAUSED" : job.loading ? "DOWNLOADING" : "QUEUED");
            group.put("MaxPriority", job.forced ? 900 : 0);
            group.put("ActiveDownloads", job.loading ? 4 : 0);
            size(group, "RemainingSize", job.leftMb);
            size(group, "PausedSize", job.stopped ? job.leftMb : 0);
        }
        return list;
    }

    private static void size(ObjectNode node, String name, double mb) {
        long bytes = (long) (mb * 1024 * 1024);
        node.put(name + "Lo", bytes & 0xffffffffL);
        node.put(name + "Hi", bytes >>> 32);
        node.put(name + "MB", bytes >> 20);
    }

    private static ObjectNode result(JsonNode result) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("version", "1.1").put("id", 1).set("result", result);
        return answer;
    }

    private static ObjectNode error(int code, String message) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("version", "1.1")
                .putObject("error")
                .put("name", "JSONRPCError")
                .put("code", code)
                .put("message", message);
        return answer;
    }
}
