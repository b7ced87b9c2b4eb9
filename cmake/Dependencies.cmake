# Third parties. An installed one wins (CMAKE_PREFIX_PATH, ROOT_DIR, Torch_DIR, ONNXRUNTIME_ROOT);
# else what tools/bootstrap.sh put into .deps. The order matters: Protobuf before Torch, which
# otherwise defines a dummy protobuf target. The first one that is missing ends the configuration,
# with what to do.
set(STATIONHIT_DEPS "${PROJECT_SOURCE_DIR}/.deps" CACHE PATH "Folder made by tools/bootstrap.sh")
file(REAL_PATH "${STATIONHIT_DEPS}" STATIONHIT_DEPS_REAL)
set(STATIONHIT_SITE "${STATIONHIT_DEPS_REAL}/site-packages")
if(EXISTS "${STATIONHIT_SITE}")
  file(REAL_PATH "${STATIONHIT_SITE}" STATIONHIT_SITE)
endif()

# stationhit_missing(<what> <how to get it> [<flag of a build without it>])
function(stationhit_missing what remedy)
  if(ARGC GREATER 2)
    string(APPEND remedy ", or leave it out with ${ARGV2}")
  endif()
  message(FATAL_ERROR "stationhit: ${what} was not found: ${remedy}")
endfunction()

# stationhit_require(<package> <Debian package> [<flag of a build without it>])
macro(stationhit_require package debian)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    stationhit_missing(
      ${package}
      "install it (Debian: apt-get install ${debian}; all of them: tools/bootstrap.sh) or name its folder in CMAKE_PREFIX_PATH"
      ${ARGN}
    )
  endif()
endmacro()

find_package(Threads REQUIRED)
stationhit_require(nlohmann_json nlohmann-json3-dev)
stationhit_require(hwy libhwy-dev)
find_path(XXHASH_INCLUDE_DIR xxhash.h)
if(NOT XXHASH_INCLUDE_DIR)
  stationhit_missing(
    xxhash.h
    "install it (Debian: apt-get install libxxhash-dev) or name its folder in XXHASH_INCLUDE_DIR"
  )
endif()
if(STATIONHIT_ENGINE_ONLY)
  return()
endif()

if(NOT STATIONHIT_PYTHON_PACKAGE)
  stationhit_require(yaml-cpp libyaml-cpp-dev)
  stationhit_require(CLI11 libcli11-dev)
  stationhit_require(spdlog libspdlog-dev)
endif()
stationhit_require(Boost libboost-dev)
stationhit_require(Protobuf "libprotobuf-dev protobuf-compiler")

if(STATIONHIT_WITH_CURL)
  stationhit_require(CURL libcurl4-openssl-dev -DSTATIONHIT_WITH_CURL=OFF)
endif()

if(STATIONHIT_WITH_HEPMC)
  stationhit_require(HepMC3 libhepmc3-dev -DSTATIONHIT_WITH_HEPMC=OFF)
  stationhit_require(ZLIB zlib1g-dev -DSTATIONHIT_WITH_HEPMC=OFF)
endif()

if(STATIONHIT_WITH_ROOT)
  find_package(
    ROOT
    6.36
    QUIET
    COMPONENTS Tree TreePlayer Hist Gpad Graf ROOTNTuple
  )
  if(NOT ROOT_FOUND)
    find_package(
      ROOT
      6.36
      QUIET
      COMPONENTS Tree TreePlayer Hist Gpad Graf ROOTNTuple
      PATHS "${STATIONHIT_SITE}/ROOT/cmake"
      NO_DEFAULT_PATH
    )
  endif()
  if(NOT ROOT_FOUND)
    stationhit_missing(
      "ROOT 6.36 or newer"
      "get it with tools/bootstrap.sh, name the folder of ROOTConfig.cmake with -DROOT_DIR=..."
      -DSTATIONHIT_WITH_ROOT=OFF
    )
  endif()
  # Reads trees faster; without it ROOT's zlib does.
  find_path(LIBDEFLATE_INCLUDE_DIR libdeflate.h)
  find_library(LIBDEFLATE_LIBRARY deflate)
  # Reads hits as padded arrays; without it such files are refused. Debian names it after the way in
  # which it runs.
  find_path(HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
  find_library(HDF5_LIBRARY NAMES hdf5 hdf5_serial)
endif()

if(STATIONHIT_WITH_TORCH)
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    find_package(Torch QUIET PATHS "${STATIONHIT_SITE}/torch/share/cmake" NO_DEFAULT_PATH)
  endif()
  if(NOT Torch_FOUND)
    stationhit_missing(
      LibTorch
      "get it with tools/bootstrap.sh, name the folder of TorchConfig.cmake with -DTorch_DIR=..."
      -DSTATIONHIT_WITH_TORCH=OFF
    )
  endif()
endif()

# For trainings on several ranks; without them there is only one.
if(STATIONHIT_WITH_TORCH)
  find_path(GLOO_INCLUDE_DIR gloo/context.h)
endif()

if(STATIONHIT_WITH_ONNXRUNTIME)
  set(
    ONNXRUNTIME_ROOT
    "${STATIONHIT_DEPS}/onnxruntime"
    CACHE PATH
    "An installed ONNX Runtime (folders include and lib)"
  )
  include(OnnxRuntimeTarget)
  if(NOT TARGET onnxruntime::onnxruntime)
    stationhit_missing(
      "ONNX Runtime"
      "get it with tools/bootstrap.sh deploy, name an installed one with -DONNXRUNTIME_ROOT=... (folders include and lib)"
      -DSTATIONHIT_WITH_ONNXRUNTIME=OFF
    )
  endif()
endif()
