"""The headless face: one file per subcommand, each imported only when it is called.

A subcommand is a module of its name with ``add_arguments(parser)`` and ``run(arguments)``, which returns the
exit code: 0 done, 1 some input failed, 2 the command line makes no sense.
"""

SUBCOMMANDS = {
    "tags": "print all elements, as text or in the DICOM JSON Model",
    "diff": "print what is different between two instances",
    "info": "print what matters first: patient, study, series, image",
    "view": "print a frame as a picture",
    "export": "write pictures, movies, numbers, volumes, tables, or copies",
    "anonymize": "write copies without what tells who the patient is (PS3.15 Annex E)",
    "measure": "print values, distances, angles and statistics of regions",
    "scan": "print the patients, studies, series and instances of an archive",
    "find": "print the instances that a query means",
    "values": "print the values of one attribute over all instances, and how often each occurs",
    "varies": "print which attributes differ between instances, and which instance is the odd one",
    "validate": "print what instances have otherwise than the standard wants it",
    "report": "write a page on an archive: what is in it, what was skipped, what is odd",
    "index": "keep what a scan has found, so that the next start need not wait",
    "demo": "open the browser on sample files and a made CT series",
    "doctor": "print what this terminal can show, and how to get more",
    "config": "print the default configuration, a start for your own",
    "completion": "print a completion script for your shell",
}
"""Name -> what it does, in one line."""
