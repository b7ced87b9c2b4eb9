# Run at build time: writes OUTPUT with the version and the git commit of the sources, only when
# they changed.
execute_process(
  COMMAND git -C "${SOURCE_DIR}" rev-parse --short=12 HEAD
  OUTPUT_VARIABLE commit
  ERROR_QUIET
  OUTPUT_STRIP_TRAILING_WHITESPACE
  RESULT_VARIABLE failed
)
if(failed)
  set(commit "unknown")
endif()
string(
  CONCAT text
  "#include <stationhit/core/version.hpp>\n\n"
  "namespace stationhit::core {\n\n"
  "std::string_view version() { return \"${VERSION}\"; }\n"
  "std::string_view git_commit() { return \"${commit}\"; }\n\n"
  "}  // namespace stationhit::core\n"
)
set(old "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" old)
endif()
if(NOT old STREQUAL text)
  file(WRITE "${OUTPUT}" "${text}")
endif()
