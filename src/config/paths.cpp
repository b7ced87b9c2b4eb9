#include "paths.hpp"

#include <cstdlib>

namespace stationhit::config {
void expand_path(const std::string& key, std::string& path, const std::string& where,
                 ErrorList& errors) {
  const std::string prefix = where + ": " + key + ": ";
  if (path.find("${") != std::string::npos)
    return errors.add(prefix + "'" + path +
                      "': variables of the environment are not replaced here; write the path "
                      "itself, or give --set " +
                      key + "=... and let the shell replace them");
  if (!path.starts_with('~') || path == "~") return;
  if (path[1] != '/')
    return errors.add(prefix + "'" + path +
                      "': only the own home directory (~/...) is known here; write the path itself "
                      "(./~name where a file is really named like this)");
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    return errors.add(prefix + "'" + path +
                      "': the variable HOME is not set; write the path itself");
  path = home + path.substr(1);
}

}  // namespace stationhit::config
