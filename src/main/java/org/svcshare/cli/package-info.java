/// The command line.
@NullMarked
package org.svcshare.cli;

import org.jspecify.annotations.NullMarked;
