/// Settings as records, read from HOCON; every error names the path, the line and what was
/// expected.
@NullMarked
package org.svcshare.config;

import org.jspecify.annotations.NullMarked;
