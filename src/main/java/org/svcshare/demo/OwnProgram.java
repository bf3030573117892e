package org.svcshare.demo;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// This program once more, as a process of its own.
final class OwnProgram {
    private OwnProgram() {}

    /// The same Java with the same options, so that it starts as quickly as we did.
    ///
    /// @param arguments of the program
    static List<String> command(String... arguments) {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib") && !option.startsWith("-D"))
                .forEach(command::add);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "org.svcshare.cli.Start"));
        command.addAll(List.of(arguments));
        return command;
    }
}
