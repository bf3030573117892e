package org.svcshare.client;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// hellanzb 0.13: the current job apart from the queue, figures in MB and KB/s.
final class FakeHellanzb extends FakeProgram {
    private static final Pattern METHOD = Pattern.compile("<methodName>(.*?)</methodName>");
    private static final Pattern PARAM = Pattern.compile("<(?:string|int)>(.*?)</");

    /// Answered to every call but status.
    volatile @Nullable String fault;

    @Override
    Reply answer(Question question) {
        if (!question.path().equals("/RPC2")) {
            return Reply.of(404, "");
        }
        if (!question.basic(USER, password)) {
            return Reply.of(401, "");
        }
        var method = METHOD.matcher(question.body());
        var param = PARAM.matcher(question.body());
        String name = method.find() ? method.group(1) : "";
        String value = param.find() ? param.group(1) : "";
        calls.add(name);
        if (fault != null && !name.equals("status")) {
            return fault(fault);
        }
        switch (name) {
            case "status" -> {
                return ok(status());
            }
            case "pause" -> paused = true;
            case "continue" -> paused = false;
            case "maxrate" -> limitBps = Long.parseLong(value) * 1024;
            case "enqueueurl", "enqueuenewzbin" -> {
                if (value.contains("refused")) {
                    return fault("no");
                }
                add(value.replace("&amp;", "&"), 0).unknown = true;
            }
            default -> {
                return fault("no such method");
            }
        }
        return ok("<nil/>");
    }

    private String status() {
        var xml = new StringBuilder("<struct>");
        boolean any = !jobs.isEmpty();
        String left = any && jobs.getFirst().leftText != null ? jobs.getFirst().leftText : mb();
        member(xml, "queued_mb", "<double>" + left + "</double>");
        member(xml, "rate", "<int>" + speedBps / 1024 + "</int>");
        member(xml, "is_paused", "<boolean>" + (paused ? 1 : 0) + "</boolean>");
        member(xml, "version", "0.13");
        var queued = new StringBuilder("<array><data>\n");
        for (Job job : jobs.stream().skip(1).toList()) {
            queued.append("<value><struct>");
            member(queued, "nzbName", "<string>" + escaped(job.name) + "</string>");
            if (!job.unknown) {
                member(queued, "total_mb", String.format(Locale.ROOT, "%.2f", job.leftMb));
            }
            queued.append("</struct></value>");
        }
        member(xml, "queued", queued.append("</data></array>").toString());
        return xml.append("</struct>").toString();
    }

    private String mb() {
        return String.format(Locale.ROOT, "%.2f", jobs.isEmpty() ? 0 : jobs.getFirst().leftMb);
    }

    private static void member(StringBuilder xml, String name, String value) {
        xml.append("<member><name>").append(name).append("</name>\n<value>");
        xml.append(value).append("</value></member>");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static Reply ok(String value) {
        return Reply.of(
                "<?xml version='1.0'?>\n<methodResponse><params><param>\n<value>"
                        + value
                        + "</value></param></params></methodResponse>");
    }

    private static Reply fault(String why) {
        return Reply.of(
                "<?xml version='1.0'?><methodResponse><fault><value><struct>"
                        + "<member><name>faultCode</name><value><int>8002</int></value></member>"
                        + "<member><name>faultString</name><value><string>"
                        + why
                        + "</string></value></member></struct></value></fault></methodResponse>");
    }
}
