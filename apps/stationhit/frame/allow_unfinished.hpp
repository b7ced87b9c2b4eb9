// The option --allow-unfinished of all subcommands that read ntuples.
#pragma once

#include <CLI/CLI.hpp>

#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::app {

// `unfinished` must live as long as the parser.
inline CLI::Option* add_allow_unfinished(CLI::App& verb, core::UnfinishedFiles& unfinished) {
  return verb.add_flag_callback(
      "--allow-unfinished", [&unfinished] { unfinished = core::UnfinishedFiles::read; },
      "Read the events that an ntuple shows whose writer died before it closed the file");
}

}  // namespace stationhit::app
