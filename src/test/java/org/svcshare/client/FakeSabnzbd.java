package org.svcshare.client;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// SABnzbd as it is today, or as svcshare 0.3 met it: `qstatus`, and texts for answers.
final class FakeSabnzbd extends FakeProgram {
    private final boolean old;

    /// Said to every question instead of an answer.
    volatile @Nullable String says;

    volatile String api = "/sabnzbd/api";
    volatile String serverError = "";

    FakeSabnzbd(boolean old) {
        this.old = old;
    }

    @Override
    boolean loads() {
        return super.loads() || (!old && jobs.stream().anyMatch(j -> j.forced && !j.stopped));
    }

    @Override
    Reply answer(Question question) {
        if (!question.path().equals(api)) {
            return Reply.of(404, "<html>not found</html>");
        }
        Map<String, String> query = question.query();
        String mode = query.getOrDefault("mode", "");
        calls.add(mode);
        if (says != null) {
            return Reply.of(says);
        }
        if (mode.equals("version")) {
            return old ? Reply.of("0.5.6\n") : Reply.of("{\"version\":\"4.4.1\"}");
        }
        if (!password.equals(query.get("apikey"))) {
            return old
                    ? Reply.of("error: API Key Incorrect\n")
                    : Reply.of(403, "API Key Incorrect");
        }
        return switch (mode) {
            case "queue" -> old ? Reply.of("error: not implemented\n") : Reply.of(queue(query));
            case "qstatus" ->
                    old ? Reply.of(qstatus()) : Reply.of(failure("not implemented").toString());
            case "pause" -> pause(true);
            case "resume" -> pause(false);
            case "config" -> {
                String value = query.getOrDefault("value", "");
                limitBps =
                        value.endsWith("K")
                                ? Long.parseLong(value.substring(0, value.length() - 1)) * 1024
                                : Long.parseLong(value);
                yield done();
            }
            case "addurl", "addid" -> add(query.getOrDefault("name", ""));
            case "status" -> Reply.of(status());
            default -> Reply.of(failure("not implemented"));
        };
    }

    private Reply add(String name) {
        if (name.contains("refused")) {
            return old ? Reply.of("error: no\n") : Reply.of(failure("no"));
        }
        Job job = add(name, 0);
        job.unknown = true;
        if (old) {
            return Reply.of("ok\n");
        }
        ObjectNode answer = JSON.createObjectNode().put("status", true);
        answer.putArray("nzo_ids").add("SABnzbd_nzo_" + jobs.size());
        return Reply.of(answer);
    }

    private Reply pause(boolean on) {
        paused = on;
        return done();
    }

    private Reply done() {
        return old ? Reply.of("ok\n") : Reply.of("{\"status\":true}");
    }

    private static ObjectNode failure(String error) {
        return JSON.createObjectNode().put("status", false).put("error", error);
    }

    private ObjectNode queue(Map<String, String> query) {
        List<Job> counted = jobs.stream().filter(j -> !j.stopped).toList();
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode queue = answer.putObject("queue");
        queue.put("status", paused ? "Paused" : "Idle");
        queue.put("mbleft", mb(counted.stream().mapToDouble(j -> j.leftMb).sum()));
        counted.stream()
                .filter(j -> j.leftText != null)
                .forEach(j -> queue.put("mbleft", j.leftText));
        queue.put("kbpersec", String.format(Locale.ROOT, "%.2f", speedBps / 1024.0));
        queue.put("paused", paused).put("paused_all", false);
        queue.put("noofslots_total", counted.size()).put("noofslots", jobs.size());
        ArrayNode slots = queue.putArray("slots");
        int limit = Integer.parseInt(query.getOrDefault("limit", "0"));
        for (Job job : jobs.stream().limit(limit == 0 ? Long.MAX_VALUE : limit).toList()) {
            ObjectNode slot = slots.addObject();
            slot.put("nzo_id", job.id).put("filename", job.name);
            slot.put("mbleft", job.leftText != null ? job.leftText : mb(job.leftMb));
            slot.put("status", job.stopped ? "Paused" : job.unknown ? "Grabbing" : "Queued");
            slot.put("priority", job.forced ? "Force" : "Normal");
        }
        return answer;
    }

    private ObjectNode qstatus() {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("paused", paused).put("kbpersec", speedBps / 1024.0);
        ArrayNode list = answer.putArray("jobs");
        for (Job job : jobs) {
            ObjectNode entry = list.addObject().put("filename", job.name);
            if (job.leftText != null) {
                entry.put("mbleft", job.leftText);
            } else if (!job.unknown) {
                entry.put("mbleft", job.leftMb);
            }
        }
        return answer;
    }

    private ObjectNode status() {
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("status")
                .putArray("servers")
                .addObject()
                .put("servername", "news.example.org")
                .put("servererror", serverError);
        return answer;
    }

    private static String mb(double mb) {
        return String.format(Locale.ROOT, "%.2f", mb);
    }
}
