// RNTuples of open files.
#pragma once

#include <memory>
#include <string>

#include <ROOT/RNTupleInspector.hxx>
#include <ROOT/RNTupleReader.hxx>
#include <TFile.h>

namespace stationhit::root_io {

// `name` may have folders before it, and must be that of an RNTuple. The file must outlive the
// result if it is on another machine. Failures are those of ROOT: call them within failure_of().
[[nodiscard]] std::unique_ptr<ROOT::RNTupleReader> open_ntuple(TFile& file,
                                                               const std::string& name);

// For the sizes of the fields. Everything else is as above.
[[nodiscard]] std::unique_ptr<ROOT::Experimental::RNTupleInspector> inspect_ntuple(
    TFile& file, const std::string& name);

}  // namespace stationhit::root_io
