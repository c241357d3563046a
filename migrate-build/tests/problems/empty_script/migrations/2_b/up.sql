--! A.
--!
--! parent: 1

 ;; 
