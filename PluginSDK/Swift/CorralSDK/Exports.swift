// SPDX-License-Identifier: Apache-2.0

// The three-line entry point of a plugin names C types of the ABI; with this it needs one import only.
@_exported import CCorral
