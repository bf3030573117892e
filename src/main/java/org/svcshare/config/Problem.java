package org.svcshare.config;

/// One thing that is wrong with the settings.
///
/// @param where `file:line` or the environment's variable; empty when the setting stands nowhere
/// @param path which setting; empty when the file as a whole cannot be read
/// @param what what was expected and what was found
public record Problem(String where, String path, String what) {
    /// On which line of its file; the largest number when on none.
    int line() {
        String number = where.substring(where.lastIndexOf(':') + 1);
        return number.matches("[0-9]{1,9}") ? Integer.parseInt(number) : Integer.MAX_VALUE;
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        if (!where.isEmpty()) {
            text.append(where).append(": ");
        }
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        return text.append(what).toString();
    }
}
