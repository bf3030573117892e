package org.svcshare.replica;

/// The methods that are counted.
public enum RequestKind {
    GET,
    HEAD,
    OPTIONS,
    POST,
    PUT,
    PATCH,
    DELETE,
    OTHER;

    private static final java.util.Map<String, RequestKind> KINDS =
            java.util.Arrays.stream(values())
                    .collect(java.util.stream.Collectors.toUnmodifiableMap(Enum::name, k -> k));

    public static RequestKind of(String method) {
        return KINDS.getOrDefault(method, OTHER);
    }
}
